"""Mails that were built to hurt: too deep, too many, too long. Too large to be kept as files."""

HEAD = (
    b"From: Dana <dana@correo.example>\r\nTo: hola@panaderia.example\r\n"
    b"Message-ID: <h@correo.example>\r\nSubject: Pan\r\n"
)

HOSTILE = {
    "10,000 nested parts": HEAD
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(10_000))
    + b"\r\nhola",
    "10,000 parts side by side": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/plain\r\n\r\nhola\r\n" * 10_000
    + b"--b--",
    "100,000 headers": HEAD + b"".join(b"X-%d: v\r\n" % n for n in range(100_000)) + b"\r\nhola",
    "a header of 5 MB": HEAD + b"X-Subject: x\r\nSubject: " + b"=?utf-8?q?pan?= " * 320_000 + b"\r\n\r\nhola",
    "a header on 300,000 lines": HEAD + b"X: " + b"a\r\n " * 300_000 + b"\r\nhola",
    "200,000 references": HEAD + b"References: " + b"<a@b> " * 200_000 + b"\r\n\r\nhola",
    "50,000 parameters": HEAD + b"Content-Type: text/plain; " + b"a*0*=x;" * 50_000 + b"\r\n\r\nhola",
    "nested comments for a sender": b"From: " + b"(" * 3_000 + b"\r\nReply-To: dana@correo.example\r\n\r\nhola",
    "one line of 5 MB": HEAD + b"\r\n" + b"El pan " * 700_000,
    "300,000 quotes": HEAD + b"\r\n" + b"On \n" * 300_000,
    "300,000 headings": HEAD + b"\r\n" + b"From: x\n" * 300_000,
    "HTML without end": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a href='" * 200_000,
    "comments without end": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 400_000,
    "200,000 nested quotes": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<blockquote>" * 150_000 + b"x",
    "base64 of rubbish": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!!!!====AAA" * 100_000,
    "uuencode of rubbish": HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n" + b"M~~~~\n" * 50_000,
    "5,000 mails within mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + b"hola",
    "a charset that is a codec": HEAD + b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\x00\\ud800 pan",
    "1,000 attachments": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: image/gif; name=x.gif\r\n\r\nGIF\r\n" * 1_000
    + b"--b--",
    "only NULs": b"\x00" * 100_000,
    "nothing": b"",
}
