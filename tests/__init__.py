"""The tests of Baijia: unit tests mirror the code's folders; the others need engines, browsers or time."""
