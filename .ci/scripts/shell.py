"""Scripts of a shell that ask for a token: everyday ones, and those one step beside them."""

HOSTS = ["localhost:50342", "127.0.0.1:50342", "127.0.0.1:50343"]


def request(draw, resource):
    """A command that asks for a token of `resource`, with words that a shell need not quote left bare or not."""
    url = f"http://{draw.choice(HOSTS)}/oauth2/token"
    quote = draw.choice(["'", '"', '"', ""])
    header = draw.choice(["-H Metadata:true", "-H 'Metadata: true'", '-H "Metadata: true"', "--header Metadata:true", ""])
    value = draw.choice([resource, resource, resource.replace(":", "%3A").replace("/", "%2F"), "$V", "${V}"])
    identity = draw.choice(["", "", "", "&client_id=c1", "&object_id=o1", "&authority=https://login.example/t"])
    if quote == "":
        identity = ""
    if quote == "'" and value.startswith("$"):
        quote = '"'
    if quote == "" and value.startswith("$"):
        quote = draw.choice(["", '"'])
    switches = draw.choice(["-s", "-sS", "-fs", "-s -m 5", "-s --retry 1", "-s --max-time 5", "-sL", "-s --noproxy '*'",
                            "-s --noproxy localhost", "-s --compressed"])
    query = f"{quote}{url}?resource={value}{identity}{quote}"
    kind = draw.randrange(8)
    if kind < 4:
        words = [switches, header, query]
    elif kind == 4:
        data = draw.choice(["-d", "--data", "--data-raw", "--data-ascii"])
        words = [switches, header, f"{data} {quote or chr(34)}resource={value}{identity}{quote or chr(34)}", url]
    elif kind == 5:
        words = [switches, header, draw.choice(["-G", "--get"]), f'-d "resource={value}"', url]
    elif kind == 6:
        words = [switches, header, draw.choice(["-X POST", "--request POST", "-XPOST"]), f'-d "resource={value}"', url]
    else:
        words = [switches, header, f'--data-urlencode "resource={value}"', draw.choice(["--url " + url, url])]
    words = [word for word in words if word]
    draw.shuffle(words)
    if draw.random() < 0.1:
        words.insert(draw.randrange(len(words) + 1), draw.choice(["2>/dev/null", "2>&-", "2>&1", "-o /dev/stdout"]))
    if draw.random() < 0.04:
        words.append(draw.choice(["-H X-Forwarded-For:1.2.3.4", "-H Metadata:false", "-d ''", "-H Content-Length:0"]))
    between = " \\\n  " if draw.random() < 0.1 else " "
    program = draw.choice(["curl"] * 9 + ["/usr/bin/curl", "command curl"])
    return program + " " + between.join(words)


def wget(draw, resource):
    quote = draw.choice(["'", '"'])
    header = draw.choice(["--header=Metadata:true", "--header 'Metadata: true'", '--header="Metadata: true"'])
    return f"wget -q -O - {header} {quote}http://{draw.choice(HOSTS)}/oauth2/token?resource={resource}{quote}"


def escaped(text, special):
    return "".join("\\" + c if c in special else c for c in text)


def wrapped(draw, command):
    """The command in something that runs it."""
    single = "'" + command.replace("'", "'\"'\"'") + "'"
    double = '"' + escaped(command, '"\\$`') + '"'
    ansi = "$'" + escaped(command, "'\\") + "'"
    ways = [
        lambda: command,
        lambda: command,
        lambda: f"T=$({command}); echo \"$T\"",
        lambda: f'T="$({command})"; echo "$T"',
        lambda: "T=`" + escaped(command, "\\$`") + '`; echo "$T"',
        lambda: 'T="`' + escaped(command, '\\$`"') + '`"; echo "$T"',
        lambda: f"if {command} > /dev/null; then echo yes; else echo no; fi",
        lambda: f"f() {{ {command}; }}; f",
        lambda: f"( {command} )",
        lambda: f"{{ {command}; }} | cat",
        lambda: f"case x in x) {command} ;; esac",
        lambda: f"T=$(case x in x) {command} ;; esac); echo \"$T\"",
        lambda: f"for i in 1 2; do {command}; done",
        lambda: f"export V; bash -c {single}",
        lambda: f"export V; bash -c {double}",
        lambda: f"export V; bash -c {ansi}",
        lambda: f"export V; sh -ec {single} name",
        lambda: f"eval {single}",
        lambda: f"export V; bash <<'EOF'\n{command}\nEOF",
        lambda: "export V; bash <<EOF\n" + escaped(command, "\\$`") + "\nEOF",
        lambda: "export V; cat > t.sh <<'EOF'\n" + command + "\nEOF\nsh t.sh",
        lambda: "export V; cat > t.sh <<-EOF\n\t" + escaped(command, "\\$`").replace("\n", "\n\t") + "\n\tEOF\nsh ./t.sh",
        lambda: f"cat <<EOF\n$({command})\nEOF",
        lambda: f"cat <<EOF\n`{escaped(command, chr(92) + '$`')}`\nEOF",
        lambda: f"cat < <({command})",
        lambda: f"[[ a < b ]] && {command} || echo no",
        lambda: f"(( 1 < 2 )) && {command}",
        lambda: f"x=$(( 1 + (2) )); {command}",
        lambda: f"echo ${{X:-$({command})}}",
        lambda: f"a=({command})\n\"${{a[@]}}\"",
        lambda: f"opts=\" -X POST\"; {command}$opts",
        lambda: f"{command} # it's a token\n: \"",
        lambda: f"curl() {{ command curl -X POST \"$@\"; }}\n{command}",
        lambda: f"export http_proxy=http://10.9.9.9:3128 no_proxy=localhost,127.0.0.1\n{command}",
        lambda: f"http_proxy=http://10.9.9.9:3128 no_proxy=localhost,127.0.0.1 {command}",
        lambda: f"echo 'request = \"POST\"' > ~/.curlrc; {command}",
        lambda: f"echo 'x() {{ :; }}' > lib.sh; . ./lib.sh; {command}",
        lambda: f"echo it\\'s \"a \\\" b\" 'c\"'; {command}; echo \"#\" # '",
        # How the proxy is set.
        lambda: f"export no_proxy=localhost,127.0.0.1\n{draw.choice(PROXIES)}\n{command}",
        lambda: f"export http_proxy=http://10.9.9.9:3128 no_proxy=localhost,127.0.0.1\nunset http_proxy\n{command}",
        lambda: f"export http_proxy=http://10.9.9.9:3128 NO_PROXY='*' no_proxy='*'\n{command}",
        # Programs and conditions around it.
        lambda: draw.choice(["timeout 9 {}", "env {}", "env -u X {}", "nice {}", "exec {}", "time {}", "nohup {}", "! {}", "builtin command {}", "xargs -I@ {} < /dev/null",
                             "X=1 {}", "X=1 Y=\"a b\" command {}", "eval {}", "trap \"{}\" EXIT"]).format(command),
        lambda: f"until {command}; do sleep 1; done",
        lambda: f"while ! T=$({command}); do break; done; echo \"$T\"",
        lambda: f"T=$({command}) || T=none; printf '%s\\n' \"$T\"",
        lambda: f"read -r T < <({command}); echo \"$T\"",
        lambda: f"cat <<< \"$({command})\"",
        lambda: f"{command} | sed 's/x/y/' | cat",
        lambda: f"printf '%s' {single} | bash",
        lambda: f"echo {single} > t.sh; bash t.sh",
        lambda: f"echo {double} | sh",
        lambda: f"bash -c {single} && :",
        lambda: f"bash -c \"true; \"{single}",
        lambda: f"bash -c {single}' -X POST'",
        lambda: f"C={single}; $C",
        lambda: f"C={single}; eval \"$C\"",
        lambda: f"C={single}; eval \"$C -X POST\"",
        lambda: f"run() {{ \"$@\"; }}; run {command}",
        lambda: f"run() {{ \"$@\" -X POST; }}; run {command}",
        lambda: f"set -- -X POST; {command} \"$@\"",
        lambda: f"set --; {command} \"$@\"",
        lambda: f"{command} $OPTIONS",
        lambda: f"{command} ${{OPTIONS:--X POST}}",
        lambda: f"{command} {{-s,-S}}",
        lambda: f"shopt -s expand_aliases; alias curl='curl -X POST'\n{command}",
        lambda: f"curl () (command curl --data x=1 \"$@\")\n{command}",
        lambda: f"function curl\n{{ command curl -X POST \"$@\"; }}\n{command}",
        lambda: f"mkdir bin; printf '#!/bin/sh\\nexec /usr/bin/curl -X POST \"$@\"\\n' > bin/curl; chmod +x bin/curl; PATH=$PWD/bin:$PATH\n{command}",
        lambda: f"cat > ~/.curlrc <<EOF\nrequest = POST\nEOF\n{command}",
        lambda: f"printf 'a\\nb\\n' | while read -r x; do {command}; done",
        lambda: f"{command}; echo '# '; : <<'X'\n\"\nX\n{command}",
        lambda: f": \"${{X:='}}\"; {command}; : \"${{X#'}}\"",
        lambda: f"x=${{#V}}; y=$((2#101 + 1<<2)); {command}",
        lambda: f"[[ $V =~ ^(a|'b c')$ ]] || {command}",
        lambda: f"a[1]='x'; echo ${{a[1]}} $# $$ $! $- >&2; {command}",
        lambda: f"select x in; do :; done < /dev/null; {command}",
        lambda: f"let 'x = 1 << 2'; {command}",
        lambda: f"python3 - <<'EOF'\nimport os\nos.system({command!r})\nEOF",
        lambda: f"export V; python3 -c 'import os; os.system(\"{escaped(command, chr(34) + chr(92))}\")'" if "'" not in command else command,
        lambda: f"export V; node -e 'require(\"child_process\").execSync(\"{escaped(command, chr(34) + chr(92))}\")'" if "'" not in command and "\n" not in command else command,
        lambda: f"export V; perl -e 'system(q^{command}^)'" if "'" not in command else command,
        lambda: f"awk 'BEGIN {{ system(\"{escaped(command, chr(34) + chr(92))}\") }}'" if "'" not in command and "\n" not in command else command,
        lambda: f"python3 <<EOF\nimport urllib.request\nurllib.request.urlopen(urllib.request.Request(\"http://localhost:50342/oauth2/token?resource=$V\", headers={{\"Metadata\": \"true\"}}))\nEOF",
        lambda: "python3 -c \"import urllib.request as u; u.urlopen(u.Request('http://localhost:50342/oauth2/token?resource=$V', headers={'Metadata': 'true'}))\"",
        lambda: "node -e \"fetch('http://localhost:50342/oauth2/token?resource=$V', { headers: { Metadata: 'true' } })\"",
        lambda: "node -e 'fetch(`http://localhost:50342/oauth2/token?resource=${process.argv[1]}`, { headers: { Metadata: \"true\" } })' \"$V\"",
    ]
    return draw.choice(ways)()


# Ways to set a proxy that no exception keeps away from IMDS.
PROXIES = [
    "export http_proxy=http://10.9.9.9:3128", "declare -x http_proxy=http://10.9.9.9:3128", "export 'http_proxy=http://10.9.9.9:3128'", "export http_proxy; http_proxy+=http://10.9.9.9:3128",
    "export http_proxy; read -r http_proxy <<< http://10.9.9.9:3128", "printf -v http_proxy http://10.9.9.9:3128; export http_proxy", "export ALL_PROXY=http://10.9.9.9:3128",
    "P=http_proxy; export $P=http://10.9.9.9:3128", "set -a; http_proxy=http://10.9.9.9:3128", ": ${http_proxy:=http://10.9.9.9:3128}; export http_proxy", "eval 'export http_proxy=http://10.9.9.9:3128'",
    "for http_proxy in http://10.9.9.9:3128; do export http_proxy; done", "export http_proxy=$(echo http://10.9.9.9:3128)", "export {http,https}_proxy=http://10.9.9.9:3128",
]


def script(draw, number):
    resource = f"https://vault{number}.example"
    lines = [draw.choice(["#!/bin/bash", "#!/usr/bin/env bash", "#!/bin/bash -e", "#!/bin/sh"]), f"V={resource}"]
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        command = wget(draw, resource) if draw.random() < 0.1 else request(draw, resource)
        text = wrapped(draw, command)
        if draw.random() < 0.15 and "\n" not in text:
            text = wrapped(draw, text)
        lines.append(text)
        if draw.random() < 0.3:
            lines.append(draw.choice(["# don't", "echo 'x'", "true && { :; }", "x=${V//\\'/}", 'y="${V#"h"}"', ""]))
    return "\n".join(lines) + "\n"
