import HAProxyKit
import Testing

@Suite struct HAProxyVersionTests {
    @Test(arguments: [
        ("2.6.12-1+deb12u4", HAProxyVersion(2, 6, 12)), ("3.3-dev5", HAProxyVersion(3, 3)),
        ("3.0.11", HAProxyVersion(3, 0, 11)),
    ])
    func `a version is read from what HAProxy prints`(text: String, version: HAProxyVersion) {
        #expect(HAProxyVersion(text) == version)
    }

    @Test(arguments: ["", "HAProxy", "3", ".", "dev", "3.x"])
    func `what is no version is none`(text: String) {
        #expect(HAProxyVersion(text) == nil)
    }

    @Test func `versions order by their numbers, not by their text`() {
        #expect(HAProxyVersion(2, 10) > HAProxyVersion(2, 9, 99))
        #expect(HAProxyVersion(3, 0, 0) > HAProxyVersion(2, 10))
    }
}
