"""What Facebook, Instagram and WhatsApp share: the door, the Graph API, its errors, the messenger's events, sign-in."""
