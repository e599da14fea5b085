import Testing

@testable import certd

@Suite struct LoopbackAddressTests {
    @Test(arguments: ["127.0.0.1:9793", "127.255.3.4:1", "[::1]:65535"])
    func `an address of this host's own is taken`(text: String) throws {
        let settings = try load("[http]\nlisten = \"\(text)\"")
        #expect(settings.listen?.description == text)
    }

    @Test func `without one there is no TCP`() throws {
        #expect(try load().listen == nil)
        #expect(try load("[http]\nlisten = \"\"").listen == nil)
    }

    @Test(arguments: [
        ("0.0.0.0:9793", "can be reached from other hosts"), ("[::]:9793", "can be reached from other hosts"),
        ("192.0.2.1:80", "can be reached from other hosts"), ("[2001:db8::1]:80", "can be reached from other hosts"),
        ("[::ffff:127.0.0.1]:80", "can be reached from other hosts"),
        ("128.0.0.1:80", "can be reached from other hosts"),
        ("localhost:9793", "has a name in it"), ("certd.example.org:80", "has a name in it"),
        ("127.0.0.1", "is not an address with a port"), ("127.0.0.1:0", "is not an address with a port"),
        (":9793", "is not an address with a port"), ("9793", "is not an address with a port"),
        ("::1:9793", "is not an address with a port"), ("/run/x.sock", "is not an address with a port"),
    ])
    func `what others could reach is refused`(text: String, says: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try load("[http]\nlisten = \"\(text)\"") }
        #expect(error.description.contains(says) && error.description.contains("http.listen"))
        #expect(error.remedy == "write for example: listen = \"127.0.0.1:9793\"")
    }
}
