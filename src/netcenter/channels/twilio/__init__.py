"""What Twilio's channels share: who knocks, how its API is called, what its refusals mean, telephone numbers."""
