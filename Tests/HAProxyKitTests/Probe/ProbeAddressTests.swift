import HAProxyKit
import Testing

@Suite struct ProbeAddressTests {
    @Test(arguments: [
        ("127.0.0.1:443", "127.0.0.1", 443), ("pbx.example.com:5061", "pbx.example.com", 5061),
        ("[::1]:8443", "::1", 8443), ("localhost:65535", "localhost", 65535),
    ])
    func `an address is a host and a port, and prints as it was written`(text: String, host: String, port: UInt16) {
        let address = ProbeAddress(text)
        #expect(address?.host == host)
        #expect(address?.port == port)
        #expect(address?.description == text)
    }

    @Test(arguments: [
        "", ":443", "localhost", "localhost:", "localhost:0", "localhost:65536", "localhost:+443", "localhost:https",
        "::1:443", "[::1]", "[localhost]:443", "[]:443", "exa mple.com:443", "exämple.com:443", "a\u{0}b:443",
        "a/b:443",
    ])
    func `what is no address is none`(text: String) {
        #expect(ProbeAddress(text) == nil)
    }
}
