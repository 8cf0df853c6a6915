"""`POST /v1/valuations/photo` and the page for pictures: what is answered, what is refused and how, what is kept."""

from __future__ import annotations

import io
import threading
from contextlib import closing
from typing import Any

import anyio
import pytest
from fastapi import Response
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw, ImageFont

from ledger.books import accounts
from ledger.books.store import open_ledger
from valuation_api import guards
from valuation_api.guards import BodyLimit
from valuation_api.photos import MOST_BYTES, PATH

NOTHING = b"no picture at all"


def drawn(*lines: str, place: tuple[float, float] | None = None) -> bytes:
    """A label as a JPEG file, with the place where it was taken in its metadata."""
    image = Image.new("RGB", (800, 400), (235, 235, 230))
    for at, line in enumerate(lines):
        ImageDraw.Draw(image).text((50, 50 + 110 * at), line, fill="black", font=ImageFont.load_default(70))
    exif = Image.Exif()
    if place is not None:
        exif.get_ifd(0x8825).update({1: "N", 2: (place[0], 0.0, 0.0), 3: "W", 4: (place[1], 0.0, 0.0)})
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def sent(*pictures: bytes, name: str = "drill.jpg") -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("pictures", (name, data, "image/jpeg")) for data in pictures]


@pytest.fixture(scope="module")
def drill() -> bytes:
    return drawn("DEWALT", "DCD771 20V", place=(38.6273, 90.1979))


@pytest.fixture
def keys(market: Any, small: Any, client: TestClient) -> tuple[str, str]:
    """The keys of two persons with an account."""
    with closing(open_ledger(f"sqlite:///{market.home.ledger}", clock=lambda: small.NOW)) as ledger:
        ada, bo = (accounts.create(ledger, name)[1] for name in ("Ada", "Bo"))
    return ada, bo


@pytest.fixture(scope="module")
def told(client: TestClient, drill: bytes) -> Any:
    """What the API answers to a picture of a drill's label."""
    answer = client.post(PATH, files=sent(drill), data={"condition": "fair", "region": "US-IL", "currency": "eur"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer


def test_a_picture_is_named_and_valued(told: Any) -> None:
    said = told.json()

    assert said["candidates"][0]["title"] == "DeWalt DCD771 cordless drill 20V"
    assert said["valuation"]["subject"]["asked"]["condition"] == "fair"
    assert said["valuation"]["subject"]["asked"]["region"] == "US-IL"
    assert said["currency"] == "EUR"
    assert said["reason"] is None


def test_the_valuation_is_given_out_so_that_a_trade_can_name_it(client: TestClient, told: Any) -> None:
    valuation = told.json()["valuation"]

    kept = client.get(f"/v1/valuations/{valuation['id']}")

    assert kept.status_code == 200
    assert kept.json() == valuation


def test_the_place_where_a_picture_was_taken_appears_nowhere(told: Any) -> None:
    for trace in ("38.6", "90.19", "GPS", "exif", "drill.jpg"):
        assert trace not in told.text


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (NOTHING, 415, "not_a_picture"),
        (b"GIF89a" + bytes(100), 415, "unsupported_format"),
        (b"\xff\xd8\xff\xe0" + bytes(20), 422, "unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4) * 2 + bytes(20), 413, "too_many_pixels"),
        (b"\xff\xd8\xff" + bytes(15_000_001), 413, "too_many_bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_name_of_its_file(
    client: TestClient, data: bytes, status: int, reason: str
) -> None:
    refused = client.post(PATH, files=sent(data, name="../../my thing.jpg"))

    assert refused.status_code == status
    problem = refused.json()
    assert problem["type"] == "urn:katy:problem:picture-refused"
    assert (problem["reason"], problem["file"], problem["number"]) == (reason, "my thing.jpg", 1)
    assert problem["detail"].startswith("my thing.jpg: ")


def test_more_than_eight_pictures_are_too_many(client: TestClient, drill: bytes) -> None:
    refused = client.post(PATH, files=sent(*[drill] * 9))

    assert refused.status_code == 422
    assert refused.json()["reason"] == "too_many_pictures"
    assert "at most 8" in refused.json()["detail"]


def test_what_is_no_form_with_pictures_is_refused(client: TestClient, drill: bytes) -> None:
    assert client.post(PATH, json={}).status_code == 415
    assert client.post(PATH, files={"other": ("a.jpg", drill)}).json()["type"] == "urn:katy:problem:no-picture"
    wrong = client.post(PATH, files=sent(drill), data={"currency": "dollars"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["parameter"] == "currency"


def test_this_path_alone_takes_large_bodies(client: TestClient) -> None:
    large = bytes(5_000_000)

    assert client.post("/v1/valuations", content=large).status_code == 413
    assert client.post(PATH, files=sent(large)).json()["reason"] == "not_a_picture"
    over = client.post(PATH, content=b"", headers={"Content-Length": str(MOST_BYTES + 1)})
    assert over.status_code == 413
    assert over.json()["limit"] == MOST_BYTES


def test_one_large_body_too_many_is_asked_to_come_again() -> None:
    go_on = threading.Event()
    statuses: list[tuple[int, bytes | None]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while not go_on.is_set():
            await anyio.sleep(0.005)
        await Response(status_code=204)(scope, receive, send)

    limited = BodyLimit(
        app, 10, lambda problem, asked: Response(status_code=problem.status, headers=problem.headers), {"/large": 100}
    )

    async def ask() -> None:
        async def receive() -> Any:
            return {"type": "http.request", "body": b"x" * 50}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append((message["status"], dict(message["headers"]).get(b"retry-after")))

        await limited({"type": "http", "method": "POST", "path": "/large", "headers": []}, receive, send)

    async def ask_all() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(guards.LARGE_AT_ONCE + 1):
                tasks.start_soon(ask)
            while not statuses:
                await anyio.sleep(0.005)
            go_on.set()
        await ask()

    anyio.run(ask_all)

    assert statuses == [(503, b"5"), *[(204, None)] * (guards.LARGE_AT_ONCE + 1)]


def test_the_page_takes_a_picture_without_a_script(client: TestClient, drill: bytes) -> None:
    start = client.get("/")
    assert 'action="/photo" method="post" enctype="multipart/form-data"' in start.text
    assert 'type="file" accept="image/*" capture="environment" multiple required' in start.text

    page = client.post("/photo", files=sent(drill), data={"condition": "fair"})

    assert page.status_code == 200
    assert "DeWalt DCD771 cordless drill 20V" in page.text
    assert "model number dcd771 was read" in page.text
    assert "How this value comes about" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.jpg", "a&b.jpg"])
def test_the_page_says_which_file_is_no_picture(client: TestClient, name: str) -> None:
    page = client.post("/photo", files=sent(NOTHING, name=name))

    assert page.status_code == 415
    assert "this is not a picture" in page.text
    assert "<script" not in page.text
    assert 'aria-invalid="true"' in page.text


def test_a_page_without_a_choice_asks_for_one(client: TestClient) -> None:
    page = client.post("/photo", files={"pictures": ("", b"", "application/octet-stream")})

    assert page.status_code == 422
    assert "There is no picture" in page.text or "Send one to eight files" in page.text


def test_before_anything_is_published_pictures_wait(empty_market: Any, drill: bytes) -> None:
    with TestClient(empty_market.app()) as client:
        answer = client.post(PATH, files=sent(drill))
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert client.post("/photo", files=sent(drill)).status_code == 503


def test_a_picture_registers_the_thing_it_shows_for_its_owner_alone(
    client: TestClient, drill: bytes, keys: Any
) -> None:
    ada, bo = keys
    path = "/v1/things/photo"
    assert client.post(path, files=sent(drill)).status_code == 401

    write = {"Authorization": f"Bearer {ada}", "Idempotency-Key": "photo-1"}
    made = client.post(path, files=sent(drill), data={"condition": "good", "currency": "usd"}, headers=write)
    assert made.status_code == 201, made.text
    thing = made.json()
    assert thing["title"] == "DeWalt DCD771 cordless drill 20V"
    assert thing["picture_hash"]
    again = client.post(path, files=sent(drill), data={"condition": "good", "currency": "usd"}, headers=write)
    assert again.json()["id"] == thing["id"], "the same key registers it once"
    assert client.get(made.headers["location"], headers={"Authorization": f"Bearer {bo}"}).status_code == 404

    wall = io.BytesIO()
    Image.new("RGB", (600, 400), (200, 200, 200)).save(wall, "JPEG")
    refused = client.post(path, files=sent(wall.getvalue()), headers={**write, "Idempotency-Key": "photo-2"})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:katy:problem:not-recognised"
    assert "Take" in refused.json()["detail"]
