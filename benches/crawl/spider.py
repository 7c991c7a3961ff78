"""Fetches a list of addresses with Scrapy, robots.txt obeyed, one request at a time to a host."""
import scrapy


class Feeds(scrapy.Spider):
    name = "feeds"
    custom_settings = {
        "ROBOTSTXT_OBEY": True,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
    }
    fetched = 0

    async def start(self):
        with open(self.urls, encoding="utf-8") as urls:
            for url in urls:
                yield scrapy.Request(url.strip(), callback=self.parse)

    def parse(self, response):
        self.fetched += len(response.body) > 0

    def closed(self, reason):
        wanted = sum(1 for _ in open(self.urls, encoding="utf-8"))
        if self.fetched != wanted:
            raise SystemExit(f"fetched {self.fetched} of {wanted}")
