"""Make (make.com): its webhooks' addresses, and an interpreter for the files of our app there.

iml/         the expression language
app          the app's files, read
parameters   what a user filled in
outgoing     a request, as it goes out
answers      an answer: its body, or the error it stands for
runner       one file's requests, in order
platform     a user's account: connections, webhooks, modules
simulator    the addresses of webhooks
"""
