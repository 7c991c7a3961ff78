"""The questions of benches/archive.rs put to DuckDB, on the same Parquet files.

pip install duckdb; python benches/peers/archive.py target/bench-archive-1000000
"""

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
    "count by week and indicator, flagged": f"select week, i, count(*) from (select week, unnest(list_distinct(indicators)) i from {files} where flagged and not edited) group by all",
    "posting texts that hold two words": f"select count(*) from {files} where regexp_matches(lower(text), 'паспорт\\w*\\W+(\\w+\\W+){{0,3}}сейф')",
}
for name, question in QUESTIONS.items():
    for _ in range(3):
        begun = time.perf_counter()
        rows = db.execute(question).fetchall()
        print(f"{name}: {time.perf_counter() - begun:.2f} s, {len(rows)} rows")
