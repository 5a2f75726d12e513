"""The 32-byte words that the ABI, events and storage are made of."""

WORD = 32


def encode_word(value: int | bytes) -> bytes:
    """Return an unsigned integer, bool or address as one word, left padded; 32 bytes stay as they are."""
    if isinstance(value, int):
        return int.to_bytes(value, WORD, "big")
    return value.rjust(WORD, b"\0")


def encode_string(text: str) -> bytes:
    """Return the tail of an ABI-encoded string: its length in bytes, then its bytes padded to whole words."""
    return encode_bytes(text.encode())


def encode_bytes(content: bytes) -> bytes:
    """Return the tail of ABI-encoded bytes: their length, then the bytes padded on the right to whole words."""
    padding = -len(content) % WORD
    return encode_word(len(content)) + content + bytes(padding)
