import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.sql.DriverManager;

public class Recipients {
    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
        server.createContext("/recipients", exchange -> {
            var query = exchange.getRequestURI().getQuery();
            var after = query == null ? "0" : query.replaceFirst(".*next=", "");
            var json = page(Long.parseLong(after));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, json.length());
            exchange.getResponseBody().write(json.getBytes("UTF-8"));
            exchange.close();
        });
        server.start();
    }

    static String page(long after) {
        try (var db = DriverManager.getConnection("jdbc:sqlite:" + System.getenv("DATABASE"));
             var query = db.prepareStatement("SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT 400")) {
            query.setLong(1, after);
            var found = query.executeQuery();
            var rows = new StringBuilder();
            int count = 0;
            long last = 0;
            while (found.next()) {
                count++;
                last = found.getLong(1);
                var msg = found.getString(3).replace("\\", "\\\\").replace("\"", "\\\"");
                rows.append(rows.isEmpty() ? "" : ",").append("{\"uid\":\"" + found.getString(2) + "\",\"msg\":\"" + msg + "\"}");
            }
            return "{\"list\":[" + rows + "],\"next\":\"" + (count == 400 ? last : "") + "\"}";
        } catch (Exception error) {
            throw new RuntimeException(error);
        }
    }
}
