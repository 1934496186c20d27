"""Meta's Graph API, as strict as the real one: Facebook pages with Messenger, Instagram, WhatsApp.

app      the app: versions, tokens, proofs, errors, usage headers, sign-in, subscriptions, signed webhooks
fields   which fields of an object are asked for
talks    private words of Messenger and Instagram: windows, tags, files, quick replies
pages    Facebook pages: posts, comments, mentions, recommendations
"""
