"""Scripts in Python that ask for a token: everyday ones, and those one step beside them."""

import json

HOSTS = ["localhost:50342", "localhost:50342", "127.0.0.1:50342", "127.0.0.1:50343"]
HEADERS = [
    "{'Metadata': 'true'}", '{"Metadata": "true"}', "{'Metadata': 'True'}", "{'metadata': 'true'}", "{'Metadata': b'true'}",
    "{'Metadata': 'true', 'Accept': 'application/json'}", "{'Accept': 'application/json'}", "{}", "dict(Metadata='true')",
    "HEADERS", "{**HEADERS}", "{'Metadata': 'false'}", "{'Metadata': str(True).lower()}", "{'X-Forwarded-For': '1.2.3.4'}",
    "{'Metadata': 'true'} if R else {}", "None", "{k: 'true' for k in ['Metadata']}", "{'Metadata': M}", "{H: 'true'}",
    "{'Metadata': 'true', 'Host': 'localhost'}", "{\n    'Metadata': 'true',  # needed\n}", "{'Metadata': 'true',}",
]


def address(draw, resource):
    """An expression for the address, with a query or without; and whether the query is in it."""
    host = draw.choice(HOSTS)
    base = f"http://{host}/oauth2/token"
    encoded = resource.replace(":", "%3A").replace("/", "%2F")
    value = draw.choice([resource, resource, encoded])
    identity = draw.choice(["", "", "", "&client_id=c1", "&object_id=o1", "&authority=https://login.example/t", "&bypass_cache=true"])
    whole = f"{base}?resource={value}{identity}"
    quote = draw.choice(["'", '"'])
    other = '"' if quote == "'" else "'"
    query = [
        lambda: f"{quote}{whole}{quote}",
        lambda: f"{quote}{whole}{quote}",
        lambda: f"{quote}{whole}{quote}",
        lambda: f"{quote * 3}{whole}{quote * 3}",
        lambda: f"r{quote}{whole}{quote}",
        lambda: f"u{quote}{whole}{quote}",
        lambda: f"f{quote}{base}?resource={{R}}{identity}{quote}",
        lambda: f"f{quote}{base}?resource={{R}}{{I}}{quote}",
        lambda: f"F{quote}{base}?{{urlencode({{{other}resource{other}: R}})}}{quote}",
        lambda: f"rf{quote}{base}?resource={{R}}{quote}",
        lambda: f"f{quote}{base}?resource={{R!s}}&client_id={{'c1'}}{quote}" if quote == '"' else f"{quote}{whole}{quote}",
        lambda: f"f{quote}http://{{HOST}}/oauth2/token?resource={{R}}{quote}",
        lambda: f"f{quote}http://localhost:{{PORT}}/oauth2/token?resource={{R}}{quote}",
        lambda: f"{quote}{base}?resource={{}}{quote}.format(R)",
        lambda: f"{quote}{base}?resource={{r}}{identity}{quote}.format(r=R)",
        lambda: f"{quote}{base}?resource=%s{quote} % R",
        lambda: f"{quote}{base}?resource=%s{quote} % (R,)",
        lambda: f"{quote}{base}?resource={quote} + R",
        lambda: f"{quote}{base}?resource={quote} + quote(R)",
        lambda: f"{quote}{base}{quote} + {quote}?resource={value}{quote}",
        lambda: f"{quote}{base}?resource={quote} {quote}{value}{quote}",
        lambda: f"({quote}{base}{quote}\n    {quote}?resource={value}{quote})",
        lambda: f"({quote}{whole}{quote})",
        lambda: f"URL + {quote}?resource={value}{quote}",
        lambda: "QUERY",
        lambda: f"{quote}{base}?{quote} + urlencode({{'resource': R}})",
        lambda: f"{quote}{whole}{quote}.replace({quote}?{quote}, {quote}/?{quote})" if draw.random() < 0.2 else f"{quote}{whole}{quote}.strip()",
        lambda: f"str({quote}{whole}{quote})",
        lambda: f"{quote}http://localhost:50342/oauth2/token\\x3fresource={value}{quote}",
    ]
    plain = [
        lambda: f"{quote}{base}{quote}", lambda: f"{quote}{base}{quote}", lambda: "URL", lambda: f"{quote}{base}/{quote}",
        lambda: f"f{quote}http://{{HOST}}/oauth2/token{quote}",
        lambda: f"{quote}http://%s/oauth2/token{quote} % HOST",
    ]
    return (draw.choice(query)(), True) if draw.random() < 0.6 else (draw.choice(plain)(), False)


def table(draw, resource):
    """A table of parameters."""
    return draw.choice([
        f"{{'resource': '{resource}'}}", f"{{'resource': '{resource}'}}", "{'resource': R}", "{'resource': R, 'client_id': 'c1'}",
        f"dict(resource='{resource}')", "PARAMS", f"[('resource', '{resource}')]", f"'resource={resource}'", f"{{\"resource\": \"{resource}\",}}",
        "{'resource': R, 'api-version': '2018-02-01'}", "{'resource': R, 'authority': 'https://login.example/t'}", "{**PARAMS}",
        "{'resource': R} if R else None", "{'resource': R} | {}", "{'resource': (R)}", "{'resource': 'my r%d' % N}", "{'resource': 'a#b%d' % N}",
        "{'resource': R + ''}", "{'resource': [R]}", "{'resource': f'{R}'}",
    ])


def with_requests(draw, resource):
    url, has_query = address(draw, resource)
    posts = draw.random() < 0.35
    words = [url]
    if draw.random() < 0.08:
        words = [f"url={url}"]
    extra = []
    header = draw.choice(HEADERS[:2] * 12 + HEADERS)
    if draw.random() < 0.9:
        extra.append(f"headers={header}")
    if not has_query:
        name = draw.choice(["data"] * 8 + ["json", "params"]) if posts else draw.choice(["params"] * 10 + ["data"])
        extra.append(f"{name}={table(draw, resource)}")
    if draw.random() < 0.3:
        extra.append(draw.choice(["timeout=5", "timeout=(3, 5)", "verify=False", "allow_redirects=True", "stream=False", "proxies={}",
                                  "proxies={'http': None}", "proxies={'http': 'http://10.9.9.9:3128', 'no_proxy': 'localhost'}", "**MORE"]))
    draw.shuffle(extra)
    if not has_query and not posts and draw.random() < 0.1:
        positional = [word for word in extra if word.startswith("params=")]
        extra = [word for word in extra if word not in positional]
        words += [word.removeprefix("params=") for word in positional]
    method = "post" if posts else "get"
    callee = draw.choice([f"requests.{method}"] * 14 + [
        f"requests.request('{method.upper()}', ", "requests.Session()." + method, f"SESSION.{method}", f"getattr(requests, '{method}')",
        f"rq.{method}", method, f"requests.api.{method}",
    ])
    arguments = draw.choice([", ", ",\n    "]).join(words + extra) + draw.choice(["", "", ","])
    if callee.endswith(", "):
        return f"{callee}{arguments})", ".json()"
    return f"{callee}({arguments})", ".json()"


def with_urllib(draw, resource):
    url, has_query = address(draw, resource)
    data = ""
    if not has_query:
        body = draw.choice([f"b'resource={resource}'", f"urlencode({{'resource': R}}).encode()", f"'resource={resource}'.encode()"])
        data = draw.choice([f", data={body}", f", {body}"])
    header = draw.choice(HEADERS[:2] * 12 + HEADERS)
    headers = draw.choice([f", headers={header}"] * 5 + [""])
    callee = draw.choice(["urllib.request.Request"] * 8 + ["Request", "request.Request", "ur.Request"])
    opener = draw.choice(["urllib.request.urlopen"] * 8 + ["urlopen", "urllib.request.build_opener().open", "OPENER.open"])
    kind = draw.randrange(9)
    if kind < 3:
        return f"{opener}({callee}({url}{data}{headers}))", ""
    if kind == 3 and not data:
        return f"{opener}({url})", ""
    change = draw.choice([""] * 6 + [
        "req.add_header('Metadata', 'true')", "req.add_header('Metadata', 'false')", "req.data = b'x=1'", "req.method = 'POST'",
        "req.get_method = lambda: 'POST'", "req.add_header('X-Forwarded-For', '1.1.1.1')", "req.full_url += '&client_id=c9'",
        "req.headers['Metadata'] = 'true'", "req.add_unredirected_header('Metadata', 'true')", "req = wrap(req)", "show(req)",
        "req.set_proxy('10.9.9.9:3128', 'http')", "req.add_header('metadata', 'TRUE')",
    ])
    more = draw.choice([""] * 6 + [", timeout=5", ", None, 5", ", b'x=1'", ", data=b'x=1'"])
    return f"req = {callee}({url}{data}{headers})\n{change}\n", f"{opener}(req{more})"


def with_http(draw, resource):
    host, port = draw.choice(["localhost", "127.0.0.1"]), draw.choice(["50342", "PORT"])
    path = f"/oauth2/token?resource={resource}"
    lines = [
        f"c = http.client.HTTPConnection('{host}', {port})" if draw.random() < 0.7 else f"c = http.client.HTTPConnection('{host}:50342')",
        f"c.request('GET', '{path}', headers={{'Metadata': 'true'}})" if draw.random() < 0.6
        else f"c.request('POST', '/oauth2/token', 'resource={resource}', {{'Metadata': 'true'}})",
    ]
    return "\n".join(lines) + "\n", "c.getresponse()"


def with_curl(draw, resource):
    url = f"http://{draw.choice(HOSTS)}/oauth2/token?resource={resource}"
    command = draw.choice([f"curl -s -H Metadata:true {url}", f"curl -s -H 'Metadata: true' '{url}'", f"curl -s -H Metadata:true \\\"{url}\\\"",
                           f"curl -s -H Metadata:true -d resource={resource} http://localhost:50342/oauth2/token"])
    text = draw.choice(['"', '"""']) 
    text = text + command + text
    ways = [
        f"subprocess.run({text}, shell=True, check=True, capture_output=True)", f"subprocess.check_output({text}, shell=True)", f"os.popen({text}).read()",
        f"os.system({text})", f"subprocess.run(['bash', '-c', {text}])", f"subprocess.run(['sh', '-ec', {text}, 'x'])",
        f"subprocess.run({text}.split())", f"subprocess.run(shlex.split({text}))", f"subprocess.run({text} + ' -X POST', shell=True)",
        f"subprocess.run({text} + ' -o /dev/null', shell=True)", f"CMD = {text}\nCMD += ' -X POST'\nos.system(CMD)", f"CMD = {text}\nos.system(CMD)",
        f"CMD = {text}\nos.system(CMD + O)", f"CMD = {text}\nsubprocess.run(CMD.split(' '))", f"os.system('%s %s' % ({text}, O))",
        f"os.system(f{text})", f"os.system(' '.join([{text}, O]))", f"subprocess.run([*'sudo -n true'.split(), {text}]) if 0 else os.system({text})",
        f"subprocess.run(['curl', '-s', '-H', 'Metadata:true', '{url}'])", f"subprocess.run([\n    'curl', '-s',\n    '-H', 'Metadata: true',\n    '{url}',\n])",
        f"args = ['curl', '-s', '{url}']\nargs += ['-H', 'Metadata:true']\nsubprocess.run(args)", f"subprocess.run(['python3', '-c', 'import os; os.system({command!r})'])",
        f"subprocess.run({text}, shell=True, env={{**os.environ, 'http_proxy': 'http://10.9.9.9:3128', 'no_proxy': 'localhost,127.0.0.1'}})",
        f"open('t.sh', 'w').write({text})\nos.system('sh t.sh')", f"open('t.sh', 'w').write({text} + O)\nos.system('sh t.sh')",
    ]
    return draw.choice(ways) + "\n", ""


def script(draw, number):
    resource = f"https://vault{number}.example"
    top = ["import requests"] * 6 + ["import requests as rq", "from requests import get, post", "import os, requests", "import requests.sessions"]
    maker = draw.choice([with_requests] * 5 + [with_urllib] * 3 + [with_http, with_curl, with_curl])
    first, last = maker(draw, resource)
    lines = []
    if draw.random() < 0.3:
        lines.append(draw.choice(["#!/usr/bin/env python3", "# -*- coding: utf-8 -*-", '"""Asks for a token. Don\'t worry: "it\'s" fine."""', "# don't", "'''"+"doc'''"]))
    if maker is with_requests:
        lines.append(draw.choice(top) if draw.random() < 0.3 else "import requests")
        if "rq." in first:
            lines.append("import requests as rq")
        if first.startswith(("get(", "post(")):
            lines.append("from requests import get, post")
    lines += ["import http.client, json, os, shlex, subprocess, sys", "import urllib.request, urllib.parse"]
    if "ur." in first:
        lines.append("import urllib.request as ur")
    lines.append("from urllib.parse import urlencode, quote")
    if "urlopen(" in first + last or "Request(" in first:
        lines.append("from urllib.request import urlopen, Request")
        if first.find("request.Request") >= 0:
            lines.append("from urllib import request")
    names = {
        "R": repr(resource), "M": draw.choice(["'true'", "'false'"]), "H": "'Metadata'", "I": "''", "N": str(number), "O": draw.choice(["''", "' -X POST'"]),
        "HOST": draw.choice(["'localhost:50342'", "'127.0.0.1:50342'"]), "PORT": draw.choice(["50342", "os.environ.get('P', '50342')"]),
        "URL": "'http://localhost:50342/oauth2/token'", "QUERY": f"'http://localhost:50342/oauth2/token?resource={resource}'",
        "HEADERS": draw.choice(["{'Metadata': 'true'}", "{'Metadata': 'true'}", "{}", "{'Metadata': 'false'}"]),
        "PARAMS": draw.choice(["{'resource': R}", "dict(resource=R)", "{'resource': R, 'client_id': 'c1'}"]),
        "MORE": draw.choice(["{}", "{'timeout': 3}", "{'allow_redirects': False}"]), "SESSION": "requests.Session()", "OPENER": "urllib.request.build_opener()",
    }
    body = first + last
    order = list(names)
    used = set()
    for name in reversed(order):
        if name in body or any(name in names[other] for other in used):
            used.add(name)
    lines += [f"{name} = {names[name]}" for name in order if name in used]
    lines += ["def wrap(r): return r", "def show(*r): pass"] if "wrap(" in body or "show(" in body else []
    surprise = draw.choice([""] * 14 + [
        "os.environ['http_proxy'] = 'http://10.9.9.9:3128'; os.environ['no_proxy'] = 'localhost,127.0.0.1'",
        "os.environ.update(HTTP_PROXY='http://10.9.9.9:3128', NO_PROXY='localhost,127.0.0.1')",
        "os.environ['NO_PROXY'] = '169.254.169.254'", "class requests2: pass",
        "requests.get = requests.post" if maker is with_requests else "urlopen = None",
        "urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({'http': 'http://10.9.9.9:3128'})))" if maker is with_urllib else "x = 1",
        "def get(u, **k): return requests.post(u, **k)" if maker is with_requests else "pass", "from unittest.mock import patch",
        "s = 'it\\'s'; t = \"\\\"\"; u = r'\\d'", "x = f\"{'a'}{{b}} {R!r}\"" if "R" in used else "x = f'{{}}'",
        "import functools; requests.get = functools.partial(requests.get, timeout=3)" if maker is with_requests else "y = '''\n'\"\n'''",
    ])
    if surprise:
        lines.append(surprise)
    use = [
        lambda: [first + last], lambda: [first + last],
        lambda: (first.rstrip("\n").split("\n") + ["r = " + last] if last and "\n" in first else ["r = " + first + last]) + ["print(r if isinstance(r, dict) else 'done')"],
        lambda: ["def token():"] + ["    " + line for line in first.rstrip("\n").split("\n")] + (["    return " + last] if last and "\n" in first else []) + ["token()"],
        lambda: ["try:"] + ["    " + line for line in (first + last).split("\n")] + ["except Exception as e:", "    print(type(e))"],
        lambda: ["if __name__ == '__main__':"] + ["    " + line for line in (first + last).split("\n")],
        lambda: ["for i in range(2):"] + ["    " + line for line in (first + last).split("\n")],
        lambda: ["class A:", "    def go(self):"] + ["        " + line for line in (first + last).split("\n")] + ["A().go()"],
    ]
    chosen = draw.choice(use)
    if '"""' in first:
        chosen = use[0]
    lines += chosen()
    text = "\n".join(lines) + "\n"
    try:
        compile(text, "made", "exec")
    except SyntaxError:
        return script(draw, number)
    return text
