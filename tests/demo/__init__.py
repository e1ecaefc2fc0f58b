"""Tests of cms.demo."""
