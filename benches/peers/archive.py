"""The questions of benches/archive.rs put to DuckDB, on the same Parquet files.

pip install duckdb; python benches/peers/archive.py target/bench-archive-1000000
"""

import resource
import sys
import time

import duckdb

folder = sys.argv[1]
db = duckdb.connect()
db.execute("set threads to 2")
files = f"'{folder}/*.parquet'"
QUESTIONS = {
    "count by week and language": f"select week, language, count(*) from {files} where not edited group by all",
    "count by week and source": f"select week, source, count(*) from {files} where not edited group by all",
    "count by week and route": f"select week, r, count(*) from (select week, unnest(list_distinct(routes)) r from {files} where not edited) group by all",
    "count by week and indicator, flagged": f"select week, i, count(*) from (select week, unnest(list_distinct(indicators)) i from {files} where flagged and not edited) group by all",
    "posting texts that hold two words": f"select count(*) from {files} where regexp_matches(lower(text), 'паспорт\\w*\\W+(\\w+\\W+){{0,3}}офіс')",
}
for name, question in QUESTIONS.items():
    for _ in range(3):
        begun, worked = time.perf_counter(), time.process_time()
        rows = db.execute(question).fetchall()
        print(f"{name}: {time.perf_counter() - begun:.2f} s, {time.process_time() - worked:.2f} s of processors, {len(rows)} rows")
print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} kB")
