"""Answers of something other than the endpoint's program: sign-in, firewall, tunnel, host."""

import re

from checker.diagnosis.cause import Cause, Seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import Looks, answering, either, saying
from checker.signatures.web_pages import is_html

_RULES = ("JSON001", "HTTP001", "HTTP005", "HTTP006", "HTTP007", "HTTP008")
_FOLLOWS = ("HTTP009", "HTTP012", "HTTP002", "HTTP003")
_SIGN_IN = re.compile(
    r"type=[\"']?password|<(?:title|h1|h2|a|button)\b[^<>]{0,300}>[^<]{0,60}\b(?:log|sign)[ -]?in\b"
    r"|<(?:title|h1|h2|a|button)\b[^<>]{0,300}>[^<]{0,60}"
    r"(?:เข้าสู่ระบบ|ログイン|サインイン|登入|登录|로그인|đăng nhập)",
    re.IGNORECASE,
)


def _page(name: str, looks: Looks, sentence: str, fix: str) -> Cause:
    return Cause(name=name, rules=_RULES, looks=looks, sentence=sentence, fix=fix, follows=_FOLLOWS)


def _google_sign_in(facts: Facts, rule: str) -> Seen | None:
    text, exchange = facts.text(rule), facts.exchange(rule)
    if exchange is None or not is_html(text) or not _SIGN_IN.search(text):
        return None
    by_google = "google accounts" in text.lower() or "accounts.google.com" in exchange.final_url
    script = facts.stack.framework == "Google Apps Script" or "script.google" in exchange.url
    return Seen(("A sign-in page of Google Accounts came.",)) if by_google and script else None


def _sign_in(facts: Facts, rule: str) -> Seen | None:
    text, exchange = facts.text(rule), facts.exchange(rule)
    if exchange is None or not is_html(text) or not _SIGN_IN.search(text):
        return None
    lines = ["The page that came holds a sign-in form or asks to sign in."]
    if exchange.redirects:
        lines.append("A redirect led to it.")
    return Seen(tuple(lines))


ngrok_interstitial = _page(
    "ngrok-interstitial",
    saying(r"ERR_NGROK_6024", r"You are about to visit .{0,100}ngrok", header="ngrok-error-code"),
    "The tunnel (ngrok) answers with its warning page for browsers in place of your endpoint.",
    "Check with -H 'ngrok-skip-browser-warning: 1' and let the application also send that header, "
    "or use an address without the warning page: a paid ngrok plan, or a real host.",
)
ngrok_offline = _page(
    "ngrok-offline",
    saying(r"ERR_NGROK_3200", r"The endpoint \S{1,100} is offline", header="ngrok-error-code"),
    "The tunnel (ngrok) is offline: no ngrok agent is running for this address.",
    "Start ngrok again on the machine of the endpoint and give the address that it prints; "
    "a free address may be a new one each time.",
)
ngrok_upstream = _page(
    "ngrok-upstream",
    saying(r"ERR_NGROK_\d+", header="ngrok-error-code"),
    "The tunnel (ngrok) answers with an error of its own in place of your endpoint.",
    "Look the code up in ngrok's documentation; ERR_NGROK_8012 means that nothing listens on the "
    "local port that ngrok forwards to.",
)
localtunnel_interstitial = _page(
    "localtunnel-interstitial",
    saying(r"bypass-tunnel-reminder", r"localtunnel.{0,300}(?:reminder|password)"),
    "The tunnel (localtunnel) answers with its reminder page in place of your endpoint.",
    "Check with -H 'bypass-tunnel-reminder: 1' and let the application also send that header.",
)
tunnel_down = _page(
    "cloudflare-tunnel-down",
    saying(r"Cloudflare Tunnel error|error code: ?1033", status="5\\d\\d"),
    "The Cloudflare Tunnel is not connected to your machine.",
    "Start cloudflared again, and check that the hostname routes to this tunnel.",
)
host_challenge = _page(
    "host-javascript-challenge",
    saying(
        r"aes\.js",
        r"slowAES\.decrypt",
        r"__test=",
        r"sgcaptcha",
        r"This site requires Javascript to work",
    ),
    "The web host answers with a JavaScript challenge that only a browser can solve; your program "
    "was never asked.",
    "Move the endpoint to a host that lets programs in, or turn the host's bot protection off for "
    "its path: free hosts often cannot.",
)
browser_challenge = _page(
    "firewall-challenge",
    saying(
        r"<title>Just a moment", r"cf-challenge|/cdn-cgi/challenge-platform", r"hcaptcha|recaptcha"
    ),
    "A firewall in front (such as Cloudflare's) answers with a challenge for browsers; your "
    "program "
    "was never asked.",
    "Add a rule to the firewall that skips challenges for the endpoint's path, or for requests "
    "with "
    "your secret header.",
)
firewall_block = _page(
    "firewall-block",
    saying(
        r"Attention Required! \| Cloudflare",
        r"Sorry, you have been blocked",
        r"error code: 10(?:0[6-9]|10|20)",
        r"Incapsula incident",
        r"mod_security|Mod_Security",
        r"<title>Not Acceptable!",
        r"Request unsuccessful",
        r"The requested URL was rejected\. Please consult with your administrator",
        r"Sucuri (?:Website )?Firewall",
        r"Access Denied.{0,400}Reference ?(?:#|&#35;)",
        r"Web Application Firewall",
        r"Request blocked.{0,300}CloudFront",
    ),
    "A firewall in front of the endpoint (a WAF) refused the request; your program was never "
    "asked.",
    "Allow the endpoint's path in the firewall: many let only browsers in, by the User-Agent. "
    "To see "
    "it, compare curl with curl -A 'Mozilla/5.0'.",
)
vercel_protection = _page(
    "vercel-protection",
    either(
        saying(
            r"Authentication Required.{0,2000}vercel", r"vercel\.com/sso-api", status="401|403|200"
        ),
        answering("401", "set-cookie", r"_vercel_sso_nonce"),
    ),
    "Vercel's Deployment Protection asks for a sign-in; your program was never asked.",
    "Use the production domain, turn Deployment Protection off, or give a bypass secret: "
    "-H 'x-vercel-protection-bypass: …'.",
)
apps_script_sign_in = _page(
    "apps-script-sign-in",
    _google_sign_in,
    "The Apps Script web app is not open to everyone, so Google asks for a sign-in in place of "
    "running it.",
    "Deploy it anew: Deploy, Manage deployments, Who has access: Anyone (not: Anyone with a Google "
    "account).",
)
sign_in_page = _page(
    "sign-in-page",
    _sign_in,
    "The endpoint is behind a sign-in for people: a program without a session gets the sign-in "
    "page "
    "in place of the data.",
    "Take the endpoint out of the session login, guard it by a secret header instead, and give "
    "that "
    "header with -H. A program that is not allowed should get 401, not a page.",
)
api_gateway_path = _page(
    "api-gateway-path",
    saying(r"Missing Authentication Token", status="403", first_page=True),
    "Amazon API Gateway knows no such path, stage or method; in spite of its words this is rarely "
    "about credentials.",
    "Check the URL: the stage (/prod, /dev) belongs into the path, and the route must be deployed "
    "for GET.",
)
api_gateway_lambda = _page(
    "api-gateway-lambda",
    saying(r'\{"message": ?"Internal server error"\}', status="502"),
    "Amazon API Gateway could not read the Lambda function's answer: the function failed, or "
    "did not "
    "return {{statusCode, headers, body}} with a body that is a string.",
    "Look into the function's log in CloudWatch; return the body as JSON.stringify(…), not as an "
    "object.",
)
api_gateway_timeout = _page(
    "api-gateway-timeout",
    saying(r'\{"message": ?"Endpoint request timed out"\}', status="504"),
    "Amazon API Gateway gave up after its limit of 29 seconds; the function was still at work.",
    "Read fewer rows a page, by an index on the key that the pages follow.",
)
function_crashed = _page(
    "serverless-function-failed",
    saying(
        r"FUNCTION_INVOCATION_(?:FAILED|TIMEOUT)", r"herokucdn\.com/error-pages", status="50[0234]"
    ),
    "The hosting service answered {status} itself: the function or app behind it crashed or "
    "took too "
    "long.",
    "Look in the function's log in the hosting service's console; read fewer rows a page if it "
    "took "
    "too long.",
)
cloudflare_unreachable = _page(
    "cloudflare-cannot-reach-origin",
    answering("52[0-7]|530"),
    "Cloudflare answered {status} itself: it cannot reach your server, or got no usable answer "
    "from it.",
    "Check that the server is up and that its firewall lets Cloudflare's addresses in; for 525 and "
    "526 its certificate, for 524 that it answers within 100 seconds.",
)
nginx_upstream = _page(
    "proxy-no-upstream",
    saying(
        r"<center>(?:nginx|openresty)",
        r"<h1>50[234] [^<]{0,40}</h1>\s*</center>",
        r"upstream connect error",
        r"no healthy upstream",
        status="50[234]",
    ),
    "The web server or load balancer in front answered {status} itself: the program behind it "
    "is not "
    "running, crashed, or did not answer in time.",
    "Look at the program (php-fpm, node, gunicorn …) and its log, not at the web server: is it "
    "up, and "
    "does it listen where the web server expects it?",
)
web_server_refuses = _page(
    "web-server-refuses",
    saying(
        r"<center>(?:nginx|openresty)",
        r"<address>Apache",
        r"don't have permission to access this resource",
        status="403",
    ),
    "The web server itself refused the request before any program ran: a rule for the path or the "
    "address, or rights of the files.",
    "Look at deny and allow rules (nginx: allow, deny; Apache: Require, .htaccess) and at the "
    "rights "
    "of the file.",
)
web_server_no_file = _page(
    "web-server-no-route",
    saying(
        r"<center>(?:nginx|openresty)",
        r"<address>Apache",
        r"<h2>404 - File or directory not found",
        r"The requested URL was not found on this server",
        status="404",
        first_page=True,
    ),
    "The web server itself answered 404: no file and no route of a program is at this path.",
    "Check the path; let the web server hand it to the program (nginx: try_files … /index.php, "
    "Apache: mod_rewrite with AllowOverride, IIS: web.config).",
)
deployment_missing = _page(
    "host-knows-no-site",
    saying(
        r"DEPLOYMENT_NOT_FOUND|The deployment could not be found",
        r"Page Not Found.{0,3000}netlify",
        r"There's nothing here, yet|No such app",
        r"404 Web Site not found",
        r"There isn't a GitHub Pages site here",
        r"Site Not Found.{0,2000}Firebase",
        r"<Code>NoSuch(?:Key|Bucket)",
        r"This web app (?:has been|is) stopped|Web App - Unavailable",
        r"Application not found.{0,200}railway",
    ),
    "The hosting service answered itself: it has no running app at this address and path.",
    "Check the address and the deployment in the hosting service's console.",
)
no_such_route = _page(
    "framework-knows-no-route",
    saying(
        r"Cannot GET /",
        r'"status": ?404, ?"error": ?"Not Found".{0,300}"path"',
        r'"title": ?"Not Found", ?"status": ?404',
        r"No route found for",
        r"The requested URL was not found on the server\. If you entered",
        r'\{"detail": ?"Not Found"\}',
        r"The route \S{1,100} could not be found",
        r"No route matches",
        r"NotFoundHttpException",
        r"rest_no_route",
        r"Whitelabel Error Page.{0,600}status=404",
        r"404 page not found\s*\Z",
        r"Sinatra doesn",
        r"using the URLconf defined in",
        r"Route GET:\S+ not found",
        status="404",
        first_page=True,
    ),
    "The program runs, and has no route for GET at this path.",
    "Check the path (a prefix such as /api, a trailing slash) and that the route is registered "
    "for GET.",
)
