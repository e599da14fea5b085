import TestSupport

@testable import CertKit

/// DER taken apart, so that a change within leaves every length around it right: this is what gets far into a reader.
indirect enum DERTree {
    case primitive(UInt8, [UInt8])
    case constructed(UInt8, [DERTree])

    /// Takes apart well-formed DER; of other bytes, what looks like it.
    static func forest(_ bytes: ArraySlice<UInt8>) -> [DERTree] {
        var trees: [DERTree] = []
        var rest = bytes
        while rest.count >= 2, let tag = rest.first {
            rest = rest.dropFirst()
            var count = Int(rest.removeFirst())
            if count >= 0x80 {
                let lengthBytes = rest.prefix(min(count & 0x7f, 3))
                rest = rest.dropFirst(lengthBytes.count)
                count = lengthBytes.reduce(0) { $0 << 8 | Int($1) }
            }
            let content = rest.prefix(count)
            rest = rest.dropFirst(count)
            trees.append(tag & 0x20 == 0 ? .primitive(tag, Array(content)) : .constructed(tag, forest(content)))
        }
        return trees
    }

    var bytes: [UInt8] {
        switch self {
        case .primitive(let tag, let content): DERWriter.element(tag, content)
        case .constructed(let tag, let parts): DERWriter.element(tag, parts.flatMap(\.bytes))
        }
    }

    /// Exchanges the element at `path`; nil takes it out.
    mutating func replace(_ path: ArraySlice<Int>, with element: [UInt8]?) {
        guard case .constructed(let tag, var parts) = self, let place = path.first else { return }
        if path.count > 1 {
            parts[place].replace(path.dropFirst(), with: element)
        } else {
            parts.replaceSubrange(place...place, with: element.map { DERTree.forest($0[...]) } ?? [])
        }
        self = .constructed(tag, parts)
    }

    /// Changes one element somewhere within.
    mutating func mutate(using generator: inout SeededGenerator) {
        switch self {
        case .primitive(let tag, let content):
            self = Self.mutated(tag, content, using: &generator)
        case .constructed(let tag, var parts):
            let place = parts.indices.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<12, using: &generator) {
            case 0 where !parts.isEmpty: parts.remove(at: place)
            case 1 where !parts.isEmpty: parts.insert(parts[place], at: place)
            case 2 where !parts.isEmpty: parts.swapAt(place, parts.indices.randomElement(using: &generator) ?? 0)
            case _ where !parts.isEmpty: parts[place].mutate(using: &generator)
            default: break
            }
            self = .constructed(tag, parts)
        }
    }

    private static func mutated(
        _ tag: UInt8, _ content: [UInt8], using generator: inout SeededGenerator
    ) -> DERTree {
        // Many extensions wrap DER in an octet string: go on within.
        let inner = tag == 0x04 ? forest(content[...]) : []
        if var first = inner.first, inner.flatMap(\.bytes) == content, Int.random(in: 0..<4, using: &generator) > 0 {
            first.mutate(using: &generator)
            return .primitive(tag, first.bytes)
        }
        let tags: [UInt8] = [0x01, 0x02, 0x03, 0x05, 0x06, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1c, 0x1e]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return .primitive(tags.randomElement(using: &generator) ?? tag, content)
        case 1: return .primitive(tag, [])
        default: return .primitive(tag, content.isEmpty ? [0] : mutatedBytes(content, using: &generator))
        }
    }
}
