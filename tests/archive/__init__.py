"""Tests of cms.archive: export, restore and retirement of a department."""
