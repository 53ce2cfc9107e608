"""A release: its files, their descriptions, whether it is whole, and how it becomes public.

Write it aside (``write``), then promote it (``promote``)::

    store = ReleaseStore(root)
    staged = store.staging()
    write_release(content, staged, store.next_id(content.month))
    published = store.publish(staged, content.month, clock)

What the tables hold is decided elsewhere (``openbeat.monthly``); here they are only written down.
Nothing is imported here, since the settings of a release are read by every command.
"""
