"""The words of an error page that tell what it is, and nothing of a customer."""

__all__ = ["TELLING_WORDS"]

_WORDS = """
    a access action after again akamai allow allowed an and api app application apps are at
    attention authenticated authentication authorization authorize autherror bad bearer been before
    blocked body br button by call callback cannot captcha caught challenge cloudflare code com
    column connection container content controller could credentials cs csrf database date
    debug debugger default denied deprecated detail django_settings_module does doctype document
    element encoding en error errors exception exist expired express failed false fatal field file
    firewall flask for forbidden form found from function gateway get goroutine h1 h2 h3 has have
    head header headers hr href html http https id ignition illuminate imperva in incapsula index
    input internal invalid is it java javascript js json just key kotlin kt lang laravel last limit
    line link list log login main maintenance many message meta method missing mod_security module
    moment most msg must name never next node none not notice null number of on operation or ora
    org origin otherwise p page param parameter parameters parse password path pdo pdoexception
    perimeterx permission pg php please pre private process psycopg psycopg2 py python query rate
    rb recent recipients reference refused request requests required resource response retry ruby
    scala script select server service session sign signin source space sql sqlstate srv ssl stack
    stacktrace status string style submit sucuri support syntax template temporarily text that the
    there this throw thrown timeout title to token too trace traceback true type uid unauthorized
    uncaught undefined unavailable unexpected uncaughtexception unknown unsupported url user
    uses utf valid value var variable version warning was web werkzeug while whoops window with
    www your
"""

TELLING_WORDS = frozenset(_WORDS.split())
