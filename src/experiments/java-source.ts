/**
 * IBM's comparison in Java: a file is sent through a buffer of the program's, or by FileChannel.transferTo, which is sendfile
 * on Linux. It is compiled where the experiment runs.
 *
 * Arguments: host, port, file, bytes of the buffer, and any number of BYTES:MODE with MODE `copy` or `transferTo`. For each it
 * connects, sends so many bytes of the file, waits until the other end has closed, and prints BYTES MODE MILLISECONDS.
 */
export const javaClass = 'SendFile';

export const javaSource = `import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Locale;

public final class ${javaClass} {
  /** What is sent before the clock counts, so that the compiler has seen the loops. */
  private static final long WARM_UP = 64L << 20;

  public static void main(String[] args) {
    try {
      run(args);
    } catch (IOException error) {
      System.err.println(error.getMessage());
      System.exit(1);
    }
  }

  private static void run(String[] args) throws IOException {
    InetSocketAddress address = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
    ByteBuffer buffer = ByteBuffer.allocateDirect(Integer.parseInt(args[3]));
    try (FileChannel file = FileChannel.open(Path.of(args[2]))) {
      long most = 0;
      for (int at = 4; at < args.length; at++) most = Math.max(most, bytes(args[at]));
      for (String mode : new String[] {"copy", "transferTo"}) send(address, file, Math.min(most, WARM_UP), mode, buffer);
      for (int at = 4; at < args.length; at++) {
        String mode = args[at].substring(args[at].indexOf(':') + 1);
        double milliseconds = send(address, file, bytes(args[at]), mode, buffer) / 1e6;
        System.out.printf(Locale.ROOT, "%d %s %.3f%n", bytes(args[at]), mode, milliseconds);
      }
    }
  }

  private static long bytes(String task) {
    return Long.parseLong(task.substring(0, task.indexOf(':')));
  }

  /** Nanoseconds from the first byte until the other end has closed. */
  private static long send(InetSocketAddress address, FileChannel file, long bytes, String mode, ByteBuffer buffer)
      throws IOException {
    try (SocketChannel socket = SocketChannel.open(address)) {
      long begun = System.nanoTime();
      if (mode.equals("copy")) copy(file, socket, bytes, buffer);
      else transfer(file, socket, bytes);
      socket.shutdownOutput();
      buffer.clear();
      while (socket.read(buffer) >= 0) buffer.clear();
      return System.nanoTime() - begun;
    }
  }

  private static void copy(FileChannel file, SocketChannel socket, long bytes, ByteBuffer buffer) throws IOException {
    for (long sent = 0; sent < bytes; ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - sent));
      if (file.read(buffer, sent) <= 0) throw new IOException("the file ends after " + sent + " bytes");
      buffer.flip();
      while (buffer.hasRemaining()) sent += socket.write(buffer);
    }
  }

  private static void transfer(FileChannel file, SocketChannel socket, long bytes) throws IOException {
    for (long sent = 0; sent < bytes; ) {
      long count = file.transferTo(sent, bytes - sent, socket);
      if (count <= 0) throw new IOException("the file ends after " + sent + " bytes");
      sent += count;
    }
  }
}
`;
