"""Scripts in JavaScript that ask for a token: everyday ones, and those one step beside them."""

HOSTS = ["localhost:50342", "localhost:50342", "127.0.0.1:50342", "127.0.0.1:50343"]
HEADERS = [
    "{ Metadata: 'true' }", "{ 'Metadata': 'true' }", '{"Metadata": "true"}', "{ metadata: 'true' }", "{ Metadata: 'true', Accept: '*/*' }", "{}",
    "{ Metadata: 'false' }", "{ Metadata: true }", "{ Metadata: M }", "{ [H]: 'true' }", "{ ...HEADERS }", "HEADERS", "new Headers({ Metadata: 'true' })",
    "{ 'X-Forwarded-For': '1.1.1.1' }", "[['Metadata', 'true']]", "{ Metadata: `true` }", "{\n    Metadata: 'true', // needed\n  }", "{ 'Meta\\x64ata': 'true' }",
    "R ? { Metadata: 'true' } : {}", "{ Metadata: 'true', }",
]


def address(draw, resource):
    host = draw.choice(HOSTS)
    base = f"http://{host}/oauth2/token"
    value = draw.choice([resource, resource, resource.replace(":", "%3A").replace("/", "%2F")])
    identity = draw.choice(["", "", "", "&client_id=c1", "&object_id=o1", "&authority=https://login.example/t", "&bypass_cache=true"])
    quote = draw.choice(["'", '"', "`"])
    whole = f"{base}?resource={value}{identity}"
    return draw.choice([
        f"{quote}{whole}{quote}", f"{quote}{whole}{quote}", f"{quote}{whole}{quote}", f"{quote}{whole}{quote}", f"`{base}?resource=${{R}}{identity}`",
        f"`{base}?resource=${{encodeURIComponent(R)}}`", f"{quote}{base}?resource={quote} + R", f"{quote}{base}{quote} + {quote}?resource={value}{quote}",
        f"`http://localhost:${{PORT}}/oauth2/token?resource=${{R}}`", f"`http://${{HOST}}/oauth2/token?resource={value}`", "QUERY", f"URL_ + {quote}?resource={value}{quote}",
        f"new URL({quote}{whole}{quote})", f"{quote}{base}?{quote} + new URLSearchParams({{ resource: R }})", f"{quote}{whole}{quote}.trim()",
        f"({quote}{whole}{quote})", f"[{quote}{base}{quote}, {quote}resource={value}{quote}].join('?')", f"`{base}?resource=${{`${{R}}`}}&client_id=${{'c1'}}`",
        f"'http://localhost:50342/oauth2/token\\u003fresource={value}'", f"{quote}{base}?resource=%s{quote}.replace('%s', R)", f"`{base}?resource={value}${{I}}`",
        f"{quote}{base}/?resource={value}{quote}", f"String.raw`{whole}`", f"tag`{whole}`",
    ])


def with_fetch(draw, resource):
    header = draw.choice(HEADERS[:3] * 10 + HEADERS)
    options = [f"headers: {header}"] if draw.random() < 0.92 else []
    url = address(draw, resource)
    if draw.random() < 0.25:
        options.append(draw.choice(["method: 'GET'", "method: 'get'", "method: \"GET\"", "method: 'POST'", "signal: AbortSignal.timeout(3000)", "redirect: 'follow'", "...MORE"]))
    if draw.random() < 0.15:
        options.append(f"body: 'resource={resource}'")
        options.append("method: 'POST'")
        url = "'http://localhost:50342/oauth2/token'"
    draw.shuffle(options)
    text = "{ " + ", ".join(options) + " }" if options else ""
    text = draw.choice([text] * 10 + ["OPTIONS"])
    call = f"{draw.choice(['fetch'] * 12 + ['globalThis.fetch', 'get', '(0, fetch)'])}({url}{', ' + text if text else ''}{draw.choice(['', '', ','])})"
    if draw.random() < 0.05:
        call = f"fetch(new Request({url}{', ' + text if text else ''}))"
    return call


def with_http(draw, resource):
    url = address(draw, resource)
    header = draw.choice(HEADERS[:3] * 3 + HEADERS[:8])
    done = "r => r.resume()"
    return draw.choice([
        f"http.get({url}, {{ headers: {header} }}, {done})", f"http.request({url}, {{ headers: {header} }}, {done}).end()", f"http.get({url}, {done})",
        f"http.get({{ hostname: 'localhost', port: 50342, path: '/oauth2/token?resource={resource}', headers: {header} }}, {done})",
        f"http.request({{ host: '127.0.0.1', port: PORT, path: `/oauth2/token?resource=${{R}}`, headers: {header} }}, {done}).end()",
        f"(() => {{ const r = http.request('http://localhost:50342/oauth2/token', {{ method: 'POST', headers: {header} }}, {done}); r.end('resource={resource}'); }})()",
    ])


def with_curl(draw, resource):
    url = f"http://{draw.choice(HOSTS)}/oauth2/token?resource={resource}"
    command = draw.choice([f"curl -s -H Metadata:true {url}", f"curl -s -H Metadata:true \\\"{url}\\\"", f"curl -s -H Metadata:true '{url}'"])
    text = f'"{command}"'
    tick = "`" + command.replace('\\"', '"') + "`"
    return draw.choice([
        f"child.execSync({text})", f"child.execSync({tick})", f"child.execSync({text} + O)", f"child.execSync({tick[:-1]} ${{O}}`)", f"child.execSync({tick[:-1]}${{O}}`)",
        f"child.execFileSync('bash', ['-c', {text}])", f"child.spawnSync('sh', ['-c', {text}])", f"child.spawnSync({text}, {{ shell: true }})",
        f"child.execFileSync('curl', ['-s', '-H', 'Metadata:true', '{url}'])", f"child.execFileSync('curl', {text}.split(' ').slice(1))",
        f"child.execSync([{text}, O].join(' '))", f"fs.writeFileSync('t.sh', {text}); child.execSync('sh t.sh')", f"fs.writeFileSync('t.sh', {text} + O); child.execSync('sh t.sh')",
        f"child.execSync({text}, {{ env: {{ ...process.env, http_proxy: 'http://10.9.9.9:3128', no_proxy: 'localhost,127.0.0.1' }} }})",
        f"let c = {text}; c += O; child.execSync(c)", f"const c = {text}; child.execSync(c)",
    ])


def script(draw, number):
    resource = f"https://vault{number}.example"
    maker = draw.choice([with_fetch] * 6 + [with_http] * 2 + [with_curl] * 2)
    call = maker(draw, resource)
    if maker is with_fetch:
        call = draw.choice([f"await {call}", f"(await {call}).status", f"await {call}.then(r => r.json())", f"await (await {call}).json()", f"{call}.then(r => r.text()).catch(() => {{}})"])
    lines = ["'use strict';"] if draw.random() < 0.3 else []
    if draw.random() < 0.2:
        lines.append(draw.choice(["#!/usr/bin/env node"]))
        lines.reverse()
    lines.append("const http = require('http'), child = require('child_process'), fs = require('fs');")
    names = {
        "R": f"'{resource}'", "M": draw.choice(["'true'", "'false'"]), "H": "'Metadata'", "I": "''", "O": draw.choice(["''", "' -X POST'"]), "HOST": "'localhost:50342'",
        "PORT": draw.choice(["50342", "process.env.P || 50342"]), "URL_": "'http://localhost:50342/oauth2/token'",
        "QUERY": f"'http://localhost:50342/oauth2/token?resource={resource}'", "HEADERS": draw.choice(["{ Metadata: 'true' }", "{ Metadata: 'true' }", "{}"]),
        "MORE": draw.choice(["{}", "{ method: 'POST' }"]), "OPTIONS": draw.choice(["{ headers: { Metadata: 'true' } }", "{ headers: { Metadata: 'true' }, method: 'POST' }"]),
    }
    lines += [f"const {name} = {value};" for name, value in names.items() if name in call]
    if "get(" in call and maker is with_fetch:
        lines.append("const get = fetch;")
    if "tag`" in call:
        lines.append("const tag = s => s[0];")
    noise = [""] * 10 + [
        "const a = 4 / 2 / 1; const b = /['\"`]/g;", "const re = x => /[/'\"]\\//.test(x) || x / 2;", "let i = 1; i++ / 2; const s = `a${`b${1}`}'c`;",
        "// don't `worry`", "/* it's \"fine\" ` */", "const t = '\\'' + \"\\\"\" + `\\``;", "if (/\\/*'/.test('')) { }", "const o = { fetch: 1 }; o.fetch;",
        "const f2 = globalThis.fetch; globalThis.fetch = (u, o) => f2(u, { ...o, method: 'POST' });", "const fetchAll = () => {};", "label: for (;;) { break label } /'/.test('');",
        "const g = async () => {}; g() / 1;", "const x = 1\n/2/1;", "const { data } = {}; (a1 => a1)(1) / 2; const q = [1][0] / 3;",
        "process.env.http_proxy = 'http://10.9.9.9:3128';", "const y = { a: 1 } / 2; const z = y ? /'/ : /\"/;",
    ]
    lines.append(draw.choice(noise))
    use = [
        lambda: [f"(async () => {{ {call} }})();"], lambda: [f"async function token() {{\n  return {call};\n}}\ntoken();"],
        lambda: [f"const token = async () => {call};", "token();"], lambda: ["(async () => {", f"  try {{ {call} }} catch (e) {{ console.log(e.name) }}", "})();"],
        lambda: ["(async function () {", "  for (const i of [1, 2]) {", f"    {call};", "  }", "})()"], lambda: [f"class A {{ async go() {{ {call} }} }}", "new A().go();"],
        lambda: [f"(async () => {{ if (true) {call}; else {{ }} }})();"] if ";" not in call else [f"(async () => {{ {call} }})();"],
        lambda: [f"async function f(fetch) {{ {call} }}", "f((u, o) => globalThis.fetch(u, { ...o, method: 'POST' }));"] if draw.random() < 0.3 else [f"(async () => {{ {call} }})();"],
    ]
    lines += draw.choice(use)()
    return "\n".join(line for line in lines if line) + "\n"
