import java.io.FileInputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Scanner;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** One GET for each line read ("GET"), on one HttpsURLConnection configuration; says "200" or the name of the exception. */
public class Client {
    public static void main(String[] arguments) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (FileInputStream authority = new FileInputStream(arguments[1])) {
            trusted.setCertificateEntry("ac", CertificateFactory.getInstance("X.509").generateCertificate(authority));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        Scanner orders = new Scanner(System.in);
        while (orders.hasNextLine()) {
            orders.nextLine();
            System.out.println(call(arguments[0], context));
            System.out.flush();
        }
    }

    private static String call(String address, SSLContext context) throws Exception {
        HttpsURLConnection connection = (HttpsURLConnection) URI.create(address).toURL().openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        connection.setConnectTimeout(10000);
        connection.setReadTimeout(10000);
        try {
            int status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK) {
                connection.getInputStream().readAllBytes();
            }
            return Integer.toString(status);
        } catch (java.io.IOException refused) {
            return refused.getClass().getSimpleName();
        } finally {
            connection.disconnect();
        }
    }
}
