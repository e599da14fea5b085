import Testing

@testable import CertKit

@Suite struct ByteSearchTests {
    @Test func `no bytes are the same as no bytes, and not less`() {
        let some: [UInt8] = [1, 2]
        // Bytes that stand nowhere, as those of an empty file may.
        let none = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(start: nil, count: 0))
        // Evaluated here, since spans do not pass through the macro.
        let empties = some.span.equals(1..<1, none, 0..<0)
        let nothings = none.equals(0..<0, none, 0..<0)
        let less = some.span.isLess(1..<1, than: none, 0..<0)
        let different = some.span.equals(0..<1, none, 0..<0)
        let found = none.firstIndex(of: 1, in: 0..<0)
        let begins = none.starts(with: "text", in: 0..<0)
        #expect(empties && nothings)
        #expect(!less && !different && !begins)
        #expect(found == nil)
    }
}
