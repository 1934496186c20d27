from netcenter.lib.signature import flaw, sign

BODY = '{"text":"Olá"}'.encode()


def lower(headers):
    return {name.lower(): value for name, value in headers.items()}


def test_what_was_signed_is_accepted():
    assert flaw(["s"], lower(sign(["s"], BODY, 1000)), BODY, 1299) == ""


def test_it_is_the_documented_sum():
    assert sign(["secret"], b"{}", 1767225600.9) == {
        "X-Netcenter-Timestamp": "1767225600",
        "X-Netcenter-Signature": "v1=fa7eaa06bf97d7815f3f456e97cde70c9e50cb005f01660c8d10b10c21964887",
    }


def test_a_changed_body_time_or_secret_is_refused():
    headers = lower(sign(["s"], BODY, 1000))
    assert "HMAC" in flaw(["s"], headers, BODY + b" ", 1000)
    assert "HMAC" in flaw(["s"], headers | {"x-netcenter-timestamp": "1001"}, BODY, 1000)
    assert "HMAC" in flaw(["other"], headers, BODY, 1000)
    assert "HMAC" in flaw([], headers, BODY, 1000)
    assert "HMAC" in flaw([""], lower(sign(["", "x"], BODY, 1000)), BODY, 1000)


def test_an_old_or_future_signature_is_a_replay():
    headers = lower(sign(["s"], BODY, 1000))
    assert "seconds off" in flaw(["s"], headers, BODY, 1301)
    assert "seconds off" in flaw(["s"], headers, BODY, 699)


def test_while_secrets_change_either_side_may_be_first():
    assert flaw(["new", "old"], lower(sign(["old"], BODY, 0)), BODY, 0) == ""
    assert flaw(["old"], lower(sign(["new", "old"], BODY, 0)), BODY, 0) == ""


def test_odd_headers_are_refused_with_a_reason():
    assert "required" in flaw(["s"], {}, BODY, 0)
    for odd in ("", "x", "٣", "1e3", "9" * 12, "-1"):
        assert flaw(["s"], {"x-netcenter-timestamp": odd, "x-netcenter-signature": "v1=é"}, BODY, 0)
