import ArgumentParser
import Testing

@testable import certd

@Suite struct RootCommandTests {
    @Test func `the program is called certd`() {
        #expect(Certd.helpMessage().contains("USAGE: certd"))
    }
}
