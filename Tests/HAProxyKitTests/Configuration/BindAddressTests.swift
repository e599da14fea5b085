import Testing

@testable import HAProxyKit

@Suite struct BindAddressTests {
    @Test(arguments: [
        ("*:443", "127.0.0.1:443"), (":443", "127.0.0.1:443"), ("0.0.0.0:443", "127.0.0.1:443"),
        ("ipv4@:443", "127.0.0.1:443"), ("ipv4@*:443", "127.0.0.1:443"), ("127.0.0.1:8443", "127.0.0.1:8443"),
        ("192.0.2.7:5061", "192.0.2.7:5061"), ("[::]:443", "[::1]:443"), (":::443", "[::1]:443"),
        ("ipv6@:443", "[::1]:443"), ("ipv6@*:443", "[::1]:443"), ("[2001:db8::7]:443", "[2001:db8::7]:443"),
        ("2001:db8::7:443", "[2001:db8::7]:443"), ("pbx.example.com:443", "pbx.example.com:443"),
        ("10.0.0.1:8000-8010", "10.0.0.1:8000"), ("mptcp@:443", "127.0.0.1:443"),
    ])
    func `a TCP address is probed where it can be reached`(text: String, probed: String) {
        let expected = ProbeAddress(probed).map(BindAddress.Kind.tcp)
        #expect(expected != nil)
        #expect(BindAddress(text).kind == expected)
    }

    @Test(arguments: [
        ("/run/haproxy/tls.sock", BindAddress.Kind.unixSocket), ("unix@tls.sock", .unixSocket),
        ("abns@tls", .unixSocket), ("quic4@:443", .quic), ("quic6@[::]:443", .quic), ("fd@3", .inherited),
        ("sockpair@4", .inherited), ("rhttp@backend/server", .unknown), ("127.0.0.1", .unknown), (":0", .unknown),
        (":https", .unknown), ("[::1%eth0]:443", .unknown), ("", .unknown), ("a b:443", .unknown),
    ])
    func `what is not TCP is not probed`(text: String, kind: BindAddress.Kind) {
        #expect(BindAddress(text).kind == kind)
    }

    @Test func `an address in a variable is not guessed`() {
        #expect(BindAddress("${IP}:443", mayHoldVariable: true).kind == .variable)
        #expect(BindAddress("127.0.0.1:443", mayHoldVariable: true).kind == BindAddress("127.0.0.1:443").kind)
    }
}
