// What Twilio's SDK for Java does over HTTP: Apache's client, which takes the JVM's properties for its proxy, and a pool
// of its own. Prints what it saw as JSON.
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;

class Tunnel {
  static final String API = "https://api.twilio.com";
  static final String SERVICES = "https://verify.twilio.com/v2/Services";
  static final CloseableHttpClient CLIENT = client();
  static String accountSid;

  static CloseableHttpClient client() {
    PoolingHttpClientConnectionManager pool = new PoolingHttpClientConnectionManager();
    pool.setDefaultMaxPerRoute(20);
    pool.setMaxTotal(100);
    return HttpClientBuilder.create().useSystemProperties().setConnectionManager(pool).disableRedirectHandling().build();
  }

  static <T> T request(String method, String url, String form, HttpClientResponseHandler<T> read) throws IOException {
    HttpUriRequestBase request = new HttpUriRequestBase(method, java.net.URI.create(url));
    byte[] credentials = (accountSid + ":secret").getBytes(StandardCharsets.UTF_8);
    request.setHeader("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    request.setHeader("Accept-Encoding", "utf-8");
    if (form != null) request.setEntity(new StringEntity(form, ContentType.APPLICATION_FORM_URLENCODED));
    return CLIENT.execute(request, response -> {
      if (response.getCode() > 299) throw new IOException(response.getCode() + " " + EntityUtils.toString(response.getEntity()));
      return read.handleResponse(response);
    });
  }

  static String ask(String method, String url, String form) throws IOException {
    return request(method, url, form, response -> EntityUtils.toString(response.getEntity()));
  }

  static long drain(ClassicHttpResponse response) throws IOException {
    byte[] part = new byte[65536];
    long bytes = 0;
    for (int read; (read = response.getEntity().getContent().read(part)) != -1;) bytes += read;
    return bytes;
  }

  /** The values that a text field has in a JSON text, in their order. */
  static List<String> values(String json, String name) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
    while (matcher.find()) found.add(matcher.group(1));
    return found;
  }

  static int list(String first, String link, String base) throws IOException {
    int listed = 0;
    for (List<String> next = List.of(first); !next.isEmpty();) {
      String page = ask("GET", next.get(0), null);
      listed += values(page, "sid").size();
      next = values(page, link).stream().map(url -> base + url).toList();
    }
    return listed;
  }

  static String form(Map<String, String> fields) {
    return fields.entrySet().stream().map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
      .reduce((all, field) -> all + "&" + field).orElse("");
  }

  public static void main(String[] args) throws IOException {
    accountSid = args[0];
    int messages = Integer.parseInt(args[1]);
    String account = API + "/2010-04-01/Accounts/" + accountSid;
    String text = form(Map.of("To", "+15550001111", "From", "+15550002222", "Body", "hello & more"));

    List<String> created = new ArrayList<>();
    while (created.size() < messages) created.addAll(values(ask("POST", account + "/Messages.json", text), "sid"));
    String first = account + "/Messages/" + created.get(0) + ".json";
    boolean fetched = values(ask("GET", first, null), "sid").equals(created.subList(0, 1));
    int listed = list(account + "/Messages.json?PageSize=" + (messages + 1) / 2, "next_page_uri", API);
    for (int i = 0; i < 3; i++) ask("POST", SERVICES, form(Map.of("FriendlyName", "shop " + i)));
    int servicesListed = list(SERVICES + "?PageSize=2", "next_page_url", "");
    boolean removed = request("DELETE", first, null, response -> response.getCode() == 204);
    String recording = values(ask("GET", account + "/Recordings.json", null), "sid").get(0);
    long mediaBytes = request("GET", account + "/Recordings/" + recording + ".mp3", null, Tunnel::drain);

    System.out.printf("{\"created\":%d,\"fetched\":%b,\"listed\":%d,\"services\":3,\"servicesListed\":%d,\"removed\":%b,\"mediaBytes\":%d}%n",
      created.size(), fetched, listed, servicesListed, removed, mediaBytes);
  }
}
