"""The shapes that go over the wire, with their meaning: the source of the OpenAPI document."""
