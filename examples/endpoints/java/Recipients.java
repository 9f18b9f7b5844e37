// Who gets which message, page by page. JDK 17 or newer and the JDBC driver of your database; here SQLite.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.UTF_8;

public class Recipients {
    static final int PAGE_SIZE = 400; // fewer than 500
    static final Pattern OURS = Pattern.compile("after:([0-9]{1,18})");

    record Row(long id, String uid, String msg) {
        String json() {
            return "{\"uid\":" + quote(uid) + ",\"msg\":" + quote(msg) + "}";
        }
    }

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/recipients", Recipients::handle);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }

    static void handle(HttpExchange exchange) throws IOException {
        try {
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                error(exchange, 405, "only GET is allowed");
            } else if (!keyIsRight(exchange.getRequestHeaders().getFirst("X-Api-Key"))) {
                error(exchange, 401, "X-Api-Key is missing or wrong");
            } else {
                answer(exchange, 200, page(position(parameter(exchange.getRequestURI().getRawQuery(), "next"))));
            }
        } catch (IllegalArgumentException wrongToken) {
            error(exchange, 400, "next is not a token of this API");
        } catch (Exception problem) {
            problem.printStackTrace(); // for you, not for the reader
            error(exchange, 500, "the server has a problem");
        } finally {
            exchange.close();
        }
    }

    static String page(long after) throws Exception {
        List<Row> rows = rowsAfter(after);
        boolean more = rows.size() > PAGE_SIZE;
        List<Row> page = more ? rows.subList(0, PAGE_SIZE) : rows;
        String list = String.join(",", page.stream().map(Row::json).toList());
        String next = more ? tokenAfter(page.get(PAGE_SIZE - 1).id()) : "";
        return "{\"list\":[" + list + "],\"next\":" + quote(next) + "}";
    }

    static boolean keyIsRight(String given) {
        String wanted = System.getenv("API_KEY");
        return wanted != null && !wanted.isEmpty() && given != null
            && MessageDigest.isEqual(given.getBytes(UTF_8), wanted.getBytes(UTF_8));
    }

    /** The id after which the page begins; 0 for the first page. */
    static long position(String token) {
        if (token.isEmpty()) return 0;
        var found = OURS.matcher(new String(Base64.getUrlDecoder().decode(token), UTF_8));
        if (!found.matches()) throw new IllegalArgumentException("not our token");
        return Long.parseLong(found.group(1));
    }

    static String tokenAfter(long id) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(("after:" + id).getBytes(UTF_8));
    }

    static String parameter(String query, String name) {
        for (String pair : query == null ? new String[0] : query.split("&")) {
            if (pair.startsWith(name + "=")) return URLDecoder.decode(pair.substring(name.length() + 1), UTF_8);
        }
        return "";
    }

    static List<Row> rowsAfter(long id) throws Exception {
        String sql = "SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ?";
        try (var database = DriverManager.getConnection("jdbc:sqlite:" + System.getenv("DATABASE"));
             var query = database.prepareStatement(sql)) {
            query.setLong(1, id);
            query.setInt(2, PAGE_SIZE + 1);
            List<Row> rows = new ArrayList<>();
            for (var found = query.executeQuery(); found.next(); ) {
                rows.add(new Row(found.getLong(1), found.getString(2), found.getString(3)));
            }
            return rows;
        }
    }

    /** A JSON string. With a JSON library (Jackson, Gson) take that. */
    static String quote(String text) {
        var json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') json.append('\\').append(c);
            else if (c < ' ' || Character.isSurrogate(c)) json.append(String.format("\\u%04x", (int) c));
            else json.append(c);
        }
        return json.append('"').toString();
    }

    static void error(HttpExchange exchange, int status, String message) throws IOException {
        answer(exchange, status, "{\"error\":" + quote(message) + "}");
    }

    static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(UTF_8); // the length is counted in bytes, not in characters
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) exchange.getResponseBody().write(body);
    }
}
