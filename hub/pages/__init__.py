"""The pages people see: plain HTML made here, a little script on top, nothing that needs a build.

A page is a function from a `Visit` to a response, marked with `@page(path)` in a module that `routes` names.
"""
