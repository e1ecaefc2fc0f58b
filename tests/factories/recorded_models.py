"""A base class of factories whose rows and files are recorded once and written again for each following test."""

import factory

from .recording import recorded


class RecordedModelFactory(factory.django.DjangoModelFactory):
    """Creates an object by the recorded statements of an earlier call with the same values on the same rows.

    Its sequences begin anew in each test, so that the values are the same.
    """

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **values):
        return _created(cls, values)


@recorded
def _created(factory_class, values):
    """Create the object as the base class of `RecordedModelFactory` does."""
    model_class = factory_class._meta.model
    return super(RecordedModelFactory, factory_class)._create(model_class, **values)


def restart_sequences():
    """Number the objects of the recorded factories from 0 again."""
    waiting = RecordedModelFactory.__subclasses__()
    while waiting:
        each = waiting.pop()
        waiting += each.__subclasses__()
        each.reset_sequence(0, force=True)
