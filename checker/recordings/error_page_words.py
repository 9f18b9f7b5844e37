"""The words of an error page that tell what it is, and nothing of a customer."""

__all__ = ["TELLING_WORDS"]

_WORDS = """
    1006 1007 1008 1009 1010 1020 1033 __test a access accounts action address aes after again
    akamai allow allowed an and apache api apigateway app application apps are argo array at
    attention authenticated authentication autherror authorization authorize bad bearer been
    before blocked body br browser button by bypass call callback cannot captcha caught cdn center
    cf cgi challenge cloud cloudflare cloudfront code column com connection container content
    controller could credentials cs csrf database date debug debugger default denied deployment
    deployment_not_found deprecated detail django_settings_module doctype document does edge
    element en encoding endpoint err_ngrok_3200 err_ngrok_6024 err_ngrok_8012 error errors
    exception exist expired express failed false fatal field file firebase firewall flask for
    forbidden form forwarding found from function function_invocation_failed
    function_invocation_timeout gateway get google goroutine gviz h1 h2 h3 has have head header
    headers herokucdn hr href html http https hydra id ignition iis illuminate imperva in
    incapsula index input internal invalid is it java javascript js json just key kotlin kt lambda
    lang laravel last limit line link list localtunnel log login main maintenance many message
    meta method missing mod_security module moment most msg must name netlify never next nginx
    ngrok no node none nosuchbucket nosuchkey not notice null number o_o occurred of offline on
    openresty operation or ora org origin otherwise out p page param parameter parameters parse
    password path pdo pdoexception perimeterx permission pg php platform please pre private
    process psycopg psycopg2 py python query railway rate rb recent recipients reference refused
    reminder request requests required resource response retry ruby scala script select server
    service session setresponse sign signin site slowaes source space sql sqlstate srv ssl sso
    stack stacktrace status string style submit sucuri support syntax template temporarily text
    that the there this throw thrown timed timeout title to token too trace traceback true tunnel
    type uid unauthorized unavailable uncaught uncaughtexception undefined unexpected unknown
    unsupported upstream url user uses utf valid value var variable vercel version visit
    visualization warning was web werkzeug while whoops window with www xml you your
"""

TELLING_WORDS = frozenset(_WORDS.split())
