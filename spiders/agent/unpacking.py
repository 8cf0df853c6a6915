"""Compressed answers (RFC 9110, 8.4) are taken whole or not at all.

Scrapy's own middleware hands on as much of a body as can be unpacked; of a page that was cut short, half a list would
look like a shop that has sold out. A body that unpacks to more than the largest answer is dropped on the way.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator

import brotli
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 1 << 16
_GZIP, _ZLIB, _RAW = 31, 15, -15


class WholeBodies(HttpCompressionMiddleware):  # type: ignore[misc]
    """Scrapy's unpacking, for which half a body is none."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        name = encoding.decode("latin-1")
        plain = bytearray()
        try:
            for chunk in _chunks(body, encoding):
                plain += chunk
                if max_size and len(plain) > max_size:
                    raise IgnoreRequest(f"its body of {len(body)} bytes ({name}) unpacks to more than {max_size}")
        except EOFError:
            raise IgnoreRequest(f"its body is cut short ({name})") from None
        except (zlib.error, brotli.error, zstd.ZstdError) as error:
            raise IgnoreRequest(f"its body is damaged ({name}: {error})") from error
        return bytes(plain)


def _chunks(body: bytes, encoding: bytes) -> Iterator[bytes]:
    """The plain body, piece by piece. EOFError where it ends too early."""
    if encoding == b"br":
        return _brotli(body)
    if encoding == b"zstd":
        return _zstd(body)
    if encoding == b"deflate":
        # Some servers have always left the envelope (RFC 1950) out.
        enveloped = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
        return _zlib(body, _ZLIB if enveloped else _RAW)
    return _zlib(body, _GZIP)


def _zlib(body: bytes, kind: int) -> Iterator[bytes]:
    while True:
        unpacker = zlib.decompressobj(kind)
        while not unpacker.eof:
            chunk = unpacker.decompress(body, _CHUNK)
            body = unpacker.unconsumed_tail
            if not chunk and not body and not unpacker.eof:
                raise EOFError
            yield chunk
        body = unpacker.unused_data
        # A body may have several members; what else stands behind the last is no part of it.
        if kind != _GZIP or body[:2] != b"\x1f\x8b":
            return


def _brotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    while not unpacker.is_finished():
        chunk = unpacker.process(body, output_buffer_limit=_CHUNK)
        body = b""
        if not chunk and not unpacker.is_finished():
            raise EOFError
        yield chunk


def _zstd(body: bytes) -> Iterator[bytes]:
    while body:
        unpacker = zstd.ZstdDecompressor()
        while not unpacker.eof:
            chunk = unpacker.decompress(body, _CHUNK)
            body = b""
            if not chunk and not unpacker.eof and unpacker.needs_input:
                raise EOFError
            yield chunk
        body = unpacker.unused_data
