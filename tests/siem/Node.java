/* Node.java - one OpenSearch node on loopback, from its jars: no installation, no
 * configuration file.  usage: java -cp 'lib/*' Node.java FOLDER PORT */
import java.util.List;

import org.opensearch.common.settings.Settings;
import org.opensearch.ingest.common.IngestCommonPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

public class Main {
	static class Small extends Node {
		Small(Settings s, List<Class<? extends Plugin>> plugins) {
			super(InternalSettingsPreparer.prepareEnvironment(s, java.util.Map.of(), null, () -> "test"), plugins, false);
		}
	}

	public static void main(String[] args) throws Exception {
		Settings s = Settings.builder()
		    .put("path.home", args[0]).put("node.name", "test").put("cluster.name", "test")
		    .put("network.host", "127.0.0.1").put("http.port", args[1]).put("transport.port", "0")
		    .put("discovery.type", "single-node").put("transport.type", "netty4").put("http.type", "netty4")
		    .put("node.processors", "2").put("cluster.routing.allocation.disk.threshold_enabled", false).build();
		new Small(s, List.of(Netty4Plugin.class, IngestCommonPlugin.class)).start();
		/* The test ends it by closing its standard input. */
		while (System.in.read() >= 0)
			;
		System.exit(0);
	}
}
