"""The widget in Debian's Chromium, on a site of another origin with a strict policy, with the whole house behind it."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from netcenter import flow
from netcenter.cases.models import Attachment, Case, Identity, Message
from netcenter.cases.queries import story
from netcenter.intake.models import Delivery
from netcenter.lib import clock
from netcenter.lib.hub import hub
from netcenter.outbox.actions import Reply
from netcenter.routing import actions as routing
from tests.browser import PHONE, complaints, no_violations, patient, until
from tests.company import found
from tests.helpcenter.serving import served, site_with

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180e9dc2c290000000049454e44ae426082"
)


@pytest.fixture
def company(settings, tmp_path):
    settings.BLOBS_ROOT = tmp_path
    made = found()
    made.chat.config = {"title": "Panadería Aurora", "colour": "#0f766e", "ask_email": False}
    made.chat.save()
    return made


@pytest.fixture
def house(company):
    with served() as address:
        yield address


@pytest.fixture
def shop(house, company):
    """A site with a strict policy that lets us in and nothing else."""
    wire = house.replace("http", "ws")
    policy = (
        f"default-src 'self'; script-src {house}; connect-src {house} {wire}; img-src {house}; style-src 'self'; "
        "require-trusted-types-for 'script'"
    )
    tag = f'<script src="{house}/chat/{company.chat.key}/widget.js" defer></script>'
    with site_with(tag, {"Content-Security-Policy": policy}) as address:
        yield address


@pytest.fixture
def dana(page: Page, shop) -> Page:
    page.goto(shop)
    return page


def open_chat(page: Page) -> None:
    page.get_by_role("button", name="Abrir el chat").click()
    expect(page.locator(".status")).not_to_have_text("Conectando")


def say(page: Page, text: str) -> None:
    page.get_by_label("Escribe un mensaje").fill(text)
    page.get_by_role("button", name="Enviar").click()


def bubbles(page: Page, text: str):
    return page.locator(".message", has_text=text)


def delivered(page: Page, text: str) -> None:
    """The message is there once, and the tick under the last one says that it arrived."""
    expect(bubbles(page, text)).to_have_count(1)
    expect(page.locator(".tick")).to_have_count(1)
    expect(page.locator(".tick")).to_have_text(re.compile("Entregado|Leído"))


def answer(person, text: str) -> Message:
    case = Case.objects.latest("id")
    shown = story(case)
    return flow.answer(
        case, Reply(text, uuid.uuid4().hex, shown.messages[-1].thread_id, shown.seen_id), person, clock.now()
    )


def test_a_conversation_on_another_companys_site_under_its_strict_policy(dana, company):
    wrong = complaints(dana)
    open_chat(dana)
    expect(dana.get_by_text("Hola. ¿En qué podemos ayudarte?")).to_be_visible()
    say(dana, "Llegó una sola tarta: https://aurora.example/pedidos/8841. ¿Y la otra?")
    delivered(dana, "Llegó una sola tarta")
    link = dana.get_by_role("link", name="https://aurora.example/pedidos/8841")
    assert link.get_attribute("href") == "https://aurora.example/pedidos/8841"
    assert "noopener" in link.get_attribute("rel")
    routing.take(Case.objects.get().pk, company.alice, clock.now())
    expect(dana.get_by_text("Te atiende Alice")).to_be_visible()
    expect(dana.locator(".tick")).to_have_text("Leído")
    thread = Message.objects.get().thread_id
    hub.tell([f"thread:{thread}"], "typing", {"name": "Alice", "on": True})
    expect(dana.get_by_text("Alice está escribiendo")).to_be_visible()
    message = answer(company.alice, "<b>Lo siento</b>: sale hoy.")
    expect(bubbles(dana, "<b>Lo siento</b>: sale hoy.")).to_be_visible()
    expect(dana.get_by_text("Alice está escribiendo")).to_be_hidden()
    expect(dana.get_by_role("status")).to_contain_text("Alice: <b>Lo siento</b>")
    no_violations(dana)
    until(dana, lambda: Message.objects.filter(pk=message.pk, read_at__isnull=False).exists())
    assert wrong == []


def test_nothing_is_lost_or_doubled_when_the_network_goes_and_comes_back(dana, context, company):
    open_chat(dana)
    say(dana, "Antes")
    delivered(dana, "Antes")
    context.set_offline(True)
    for text in ("Primero sin red", "Segundo sin red"):
        say(dana, text)
        expect(bubbles(dana, text)).to_be_visible()
    expect(dana.get_by_text("Sin conexión. Lo que escribiste queda guardado")).to_be_visible()
    no_violations(dana)
    answer(company.alice, "¿Sigues ahí?")
    assert Message.objects.filter(text__contains="sin red").count() == 0
    context.set_offline(False)
    expect(bubbles(dana, "¿Sigues ahí?")).to_have_count(1)
    delivered(dana, "Segundo sin red")
    dana.reload()
    for text in ("Antes", "Primero sin red", "Segundo sin red", "¿Sigues ahí?"):
        expect(bubbles(dana, text)).to_have_count(1)
    said = list(Message.objects.filter(direction="in").order_by("id").values_list("text", flat=True))
    assert said == ["Antes", "Primero sin red", "Segundo sin red"]


def test_a_message_survives_the_reload_of_a_page_that_lost_the_network_mid_send(dana, context, shop):
    open_chat(dana)
    # The line dies silently between the message and its acknowledgement: the widget cannot know whether it arrived.
    dana.route_web_socket(re.compile("/ws$"), lambda route: deaf(route))
    dana.reload()
    expect(dana.get_by_label("Escribe un mensaje")).to_be_visible()
    expect(dana.locator(".status")).not_to_have_text("Conectando")
    say(dana, "¿Llegó esto?")
    expect(bubbles(dana, "¿Llegó esto?")).to_be_visible()
    until(dana, lambda: Delivery.objects.filter(dedupe__startswith="say:").count() == 1)
    other = context.new_page()
    dana.close()
    other.goto(shop)
    open_chat(other)
    expect(bubbles(other, "¿Llegó esto?")).to_have_count(1)
    expect(other.locator(".tick")).to_have_text(re.compile("Entregado|Leído"))
    assert Message.objects.count() == 1
    assert other.evaluate("Object.keys(localStorage).filter((key) => key.includes(':out:')).length") == 0


def deaf(route) -> None:
    """Everything reaches the server; of what it says only the welcome comes back."""
    server = route.connect_to_server()
    server.on_message(lambda told: route.send(told) if '"welcome"' in told else None)


def test_the_tabs_of_one_visitor_are_in_step(dana, context, shop):
    open_chat(dana)
    say(dana, "Desde la primera")
    delivered(dana, "Desde la primera")
    second = context.new_page()
    second.goto(shop)
    open_chat(second)
    expect(bubbles(second, "Desde la primera")).to_have_count(1)
    say(second, "Desde la segunda")
    expect(bubbles(dana, "Desde la segunda")).to_have_count(1)
    assert Case.objects.count() == 1


def test_an_answer_that_comes_while_the_chat_is_closed_is_counted_on_its_button(dana, company):
    open_chat(dana)
    say(dana, "Hola")
    delivered(dana, "Hola")
    dana.keyboard.press("Escape")
    answer(company.alice, "Buenas")
    button = dana.get_by_role("button", name="Abrir el chat: 1 mensajes nuevos")
    expect(button).to_be_visible()
    button.click()
    expect(bubbles(dana, "Buenas")).to_be_visible()


def test_a_file_travels_with_its_message_and_a_wrong_one_says_why(dana):
    open_chat(dana)
    dana.set_input_files(
        "input[type=file]",
        [
            {"name": "tarta.png", "mimeType": "image/png", "buffer": PNG},
            {"name": "programa.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
        ],
    )
    expect(dana.get_by_text("No se pueden enviar archivos de este tipo.")).to_be_visible()
    expect(dana.get_by_role("status")).to_have_text("tarta.png está listo para enviar")
    no_violations(dana)
    dana.get_by_role("button", name="Quitar programa.exe").click()
    say(dana, "Así llegó")
    picture = dana.get_by_role("img", name="Imagen: tarta.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 1
    assert Attachment.objects.get().name == "tarta.png"


def test_a_file_waits_for_the_network(dana, context):
    open_chat(dana)
    context.set_offline(True)
    photo = {"name": "tarta.png", "mimeType": "image/png", "buffer": PNG}
    dana.set_input_files("input[type=file]", [photo])
    expect(dana.get_by_text("El archivo no llegó.")).to_be_visible()
    context.set_offline(False)
    expect(dana.get_by_text("El archivo no llegó.")).to_have_count(0)
    say(dana, "La foto")
    delivered(dana, "La foto")
    expect(dana.locator(".message img, .message a[download]")).to_have_count(1)


def test_it_asks_once_for_the_address(page, company, shop):
    company.chat.config |= {"ask_email": True}
    company.chat.save()
    page.goto(shop)
    dana = page
    open_chat(dana)
    expect(dana.get_by_text("Deja tu correo")).to_be_hidden()
    say(dana, "Hola")
    dana.get_by_role("textbox", name="Correo").fill("dana@")
    dana.get_by_role("button", name="Guardar").click()
    expect(dana.get_by_role("alert")).to_contain_text("No es un correo")
    no_violations(dana)
    dana.get_by_role("textbox", name="Correo").fill("dana@example.com")
    dana.get_by_role("button", name="Guardar").click()
    expect(dana.get_by_text("Deja tu correo")).to_be_hidden()
    delivered(dana, "dana@example.com")
    dana.reload()
    expect(bubbles(dana, "dana@example.com")).to_have_count(1)
    expect(dana.get_by_text("Deja tu correo")).to_be_hidden()
    assert not Identity.objects.get().confirmed


def test_it_takes_no_for_an_answer(page, company, shop):
    company.chat.config |= {"ask_email": True}
    company.chat.save()
    page.goto(shop)
    open_chat(page)
    say(page, "Hola")
    page.get_by_role("button", name="Ahora no").click()
    expect(page.get_by_text("Deja tu correo")).to_be_hidden()
    expect(page.get_by_label("Escribe un mensaje")).to_be_focused()
    page.reload()
    expect(bubbles(page, "Hola")).to_have_count(1)
    expect(page.get_by_text("Deja tu correo")).to_be_hidden()


def test_everything_can_be_done_with_the_keyboard(dana, company):
    dana.keyboard.press("Tab")  # the site's own button
    dana.keyboard.press("Tab")
    dana.keyboard.press("Enter")
    expect(dana.get_by_role("dialog", name="Chat con Panadería Aurora")).to_be_visible()
    expect(dana.get_by_label("Escribe un mensaje")).to_be_focused()
    dana.keyboard.type("Una línea")
    dana.keyboard.press("Shift+Enter")
    dana.keyboard.type("y otra")
    dana.keyboard.press("Enter")
    delivered(dana, "Una línea")
    assert Message.objects.get().text == "Una línea\ny otra"
    seen = []
    for _ in range(4):
        dana.keyboard.press("Shift+Tab")
        seen.append(dana.evaluate(FOCUSED))
    assert {"Adjuntar archivos", "Conversación", "Cerrar el chat", "Sonido al llegar una respuesta"} <= set(seen)
    dana.keyboard.press("Escape")
    expect(dana.get_by_role("dialog")).to_be_hidden()
    expect(dana.get_by_role("button", name="Abrir el chat")).to_be_focused()


FOCUSED = """() => {
  let at = document.activeElement;
  while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  return at && at.getAttribute("aria-label");
}"""


def test_long_texts_are_counted_and_bounded(dana):
    open_chat(dana)
    dana.get_by_label("Escribe un mensaje").fill("a" * 3990)
    expect(dana.get_by_text("Quedan 10 caracteres")).to_be_visible()
    dana.get_by_label("Escribe un mensaje").press_sequentially("b" * 15)
    assert len(dana.get_by_label("Escribe un mensaje").input_value()) == 4000


def test_what_is_being_written_survives_a_reload(dana):
    open_chat(dana)
    dana.get_by_label("Escribe un mensaje").fill("A medias")
    dana.reload()
    expect(dana.get_by_label("Escribe un mensaje")).to_have_value("A medias")


def test_who_writes_faster_than_allowed_loses_nothing(dana):
    open_chat(dana)
    for i in range(15):
        say(dana, f"Mensaje {i}.")
    expect(dana.get_by_role("status")).to_contain_text("Escribes muy rápido")
    delivered(dana, "Mensaje 14.")
    texts = list(Message.objects.order_by("id").values_list("text", flat=True))
    assert texts == [f"Mensaje {i}." for i in range(15)]


def test_it_fills_a_telephone_and_speaks_portuguese(chromium, shop):
    phone = patient(chromium, **PHONE, locale="pt-BR")
    page = phone.new_page()
    page.goto(f"{shop}/pt")
    page.get_by_role("button", name="Abrir o chat").click()
    panel = page.get_by_role("dialog", name="Chat com Panadería Aurora")
    expect(panel).to_be_visible()
    box = {side: round(length) for side, length in panel.bounding_box().items()}
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    page.get_by_label("Escreva uma mensagem").fill("O pão de queijo tem glúten? " + "palavralonguíssima" * 8)
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator(".tick")).to_have_text("Entregue")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    no_violations(page)
    phone.close()


def test_it_is_dark_where_the_page_is_and_can_still_be_read(dana, shop):
    dana.goto(f"{shop}/dark")
    open_chat(dana)
    say(dana, "Hola")
    delivered(dana, "Hola")
    assert "dark" in dana.locator(".root").get_attribute("class")
    no_violations(dana)


@pytest.mark.parametrize("where", ["", "demo"])
def test_our_own_pages_have_the_chat_too(page, house, company, where):
    wrong = complaints(page)
    page.goto(f"{house}/chat/{company.chat.key}/{where}")
    if where:
        open_chat(page)
    say(page, "Hola")
    delivered(page, "Hola")
    no_violations(page)
    assert [line for line in wrong if "favicon" not in line and "404" not in line] == []


def test_on_a_site_that_is_not_allowed_it_says_so_and_asks_no_more(dana, company):
    company.chat.config |= {"sites": "aurora.example"}
    company.chat.save()
    dana.get_by_role("button", name="Abrir el chat").click()
    expect(dana.get_by_text("El chat no está configurado para este sitio.")).to_be_visible()
