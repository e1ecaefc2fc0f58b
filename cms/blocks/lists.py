"""A list block with a maximum number of members."""

from wagtail import blocks

from cms.fields import MAX_ITEMS


class ListBlock(blocks.ListBlock):
    """A list of at most MAX_ITEMS members, unless it names another maximum.

    The editor adds no more, and a form with more is refused. A stored list that is longer can be opened and shortened.
    """

    class Meta:
        max_num = MAX_ITEMS
