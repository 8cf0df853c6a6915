"""Which addresses may be read: public ones, and the one private place an operator typed.

A page, a sitemap or a redirect must not be able to send an agent into the network it runs in. A private, loopback or
otherwise special address is read only where it is the very host and port that was handed in as the base. Names are
judged by every address they resolve to, and connected to through the same judgement.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

_PORTS = {"http": 80, "https": 443}
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))
# Private by RFC 8215 and RFC 3879, which Python does not know yet or no more.
_PRIVATE = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; IPv4 inside IPv6 is judged by itself."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _embedded(ip)
        if any(ip in network for network in _PRIVATE):
            return False
        ip = inner or ip
    return ip.is_global and not ip.is_multicast


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a translator (RFC 6052) or a host of old (RFC 4291, 2.5.5.1) takes an IPv6 address for."""
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if any(ip in network for network in _CARRIERS) else None


def host_and_port(url: str) -> tuple[str, int] | None:
    """A web URL's host (lower case) and port; None where it has none or is no web URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.hostname.rstrip(".").lower(), port) if parts.hostname else None


def resolve(host: str) -> list[str]:
    """All addresses of a host name; a name that does not resolve has none."""
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):
        return []


@dataclass(slots=True)
class Gate:
    """Says of a URL why it may not be read; None means that it may. `typed` is the base the operator typed."""

    typed: str | None
    _judged: dict[str, str | None] = field(default_factory=dict)

    def refusal(self, url: str) -> str | None:
        if self.typed is not None and self.typed.startswith("file:"):
            beside = self.typed.rsplit("/", 1)[0] + "/"
            inside = url.startswith(beside) and "/.." not in unquote(url)
            return None if inside else f"only files beside {self.typed} are read"
        target = host_and_port(url)
        if target is None:
            return "it is no web address"
        if self.typed is not None and target == host_and_port(self.typed):
            return None
        host = target[0]
        if host not in self._judged:
            self._judged[host] = self._judge(host)
        return self._judged[host]

    def must_resolve(self, url: str) -> bool:
        """Whether judging a URL would ask for its host's addresses, which takes time."""
        target = host_and_port(url)
        if target is None or (self.typed is not None and target == host_and_port(self.typed)):
            return False
        return target[0] not in self._judged

    def _judge(self, host: str) -> str | None:
        try:
            addresses = [str(ipaddress.ip_address(host))]
        except ValueError:
            addresses = resolve(host)
        private = [address for address in addresses if not is_public(address)]
        if not private:
            return None
        return f"{private[0]} is a private address; Katy reads one only as the base an operator typed"


class AddressMiddleware:
    """Scrapy's downloader asks the gate before every request, also before redirects and robots.txt."""

    def __init__(self, crawler: Crawler) -> None:
        self.gate = Gate(crawler.settings.get("KATY_BASE"))
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if self.gate.must_resolve(request.url):
            await asyncio.to_thread(self.gate.refusal, request.url)
        refusal = self.gate.refusal(request.url)
        if refusal:
            self.stats.inc_value("katy/address_refused")
            raise IgnoreRequest(f"address refused: {refusal}")


class RedirectsOnSite(RedirectMiddleware):  # type: ignore[misc]
    """Scrapy's redirects, told where they lead nowhere: in a circle, or to another site."""

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        if redirected.url in {*request.meta.get("redirect_urls", ()), request.url}:
            raise IgnoreRequest(f"it redirects in a circle, to {redirected.url}")
        allowed = getattr(self.crawler.spider, "allowed_domains", None)
        host = (urlsplit(redirected.url).hostname or "").lower()
        if allowed and not any(host == domain or host.endswith(f".{domain}") for domain in allowed):
            raise IgnoreRequest(f"it redirects to another site, {redirected.url}")
        return super()._redirect(redirected, request, reason)


class PublicResolver(CachingThreadedResolver):  # type: ignore[misc]
    """Scrapy's resolver, which does not hand out private addresses: a name cannot change its mind after the gate."""

    base: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> PublicResolver:
        resolver: PublicResolver = super().from_crawler(crawler, reactor)
        resolver.base = crawler.settings.get("KATY_BASE")
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        typed = host_and_port(self.base) if self.base else None
        found: Deferred[str] = super().getHostByName(name, timeout)
        if typed is None or name.lower() != typed[0]:
            found.addCallback(_only_public, name)
        return found


def _only_public(address: str, name: str) -> str:
    if not is_public(address):
        raise DNSLookupError(f"{name} resolves to the private address {address}")
    return address
