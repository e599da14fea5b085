/// The extensions beside the subject's names that hold names, checked as strictly as libcrypto does: to it a certificate is
/// unfit as a whole where one of them is malformed.
extension Span<UInt8> {
    /// Throws unless the elements of NameConstraints (RFC 5280, 4.2.1.10) are well formed.
    func checkNameConstraints(_ content: Range<Int>) throws(DERError) {
        var lists = DERCursor(content)
        for number in [0, 1] as [UInt8] {
            guard let subtrees = try lists.optional(DERTag.constructed(number), in: self) else { continue }
            var cursor = DERCursor(subtrees.content)
            while !cursor.isAtEnd {
                var subtree = try cursor.enter(DERTag.sequence, in: self)
                try SubjectName.check(try subtree.element(in: self), in: self)
                for bound in [0, 1] as [UInt8] {
                    guard let value = try subtree.optional(DERTag.context(bound), in: self) else { continue }
                    _ = try smallInteger(value.content)
                }
                try subtree.finish()
            }
        }
        try lists.finish()
    }

    /// Throws unless the elements of CRLDistributionPoints (RFC 5280, 4.2.1.13) are well formed.
    func checkDistributionPoints(_ content: Range<Int>) throws(DERError) {
        var points = DERCursor(content)
        while !points.isAtEnd {
            var point = try points.enter(DERTag.sequence, in: self)
            if let wrapper = try point.optional(DERTag.constructed(0), in: self) {
                var name = DERCursor(wrapper.content)
                if let full = try name.optional(DERTag.constructed(0), in: self) {
                    try SubjectName.check(full.content, in: self)
                } else {
                    try checkRelativeName(try name.element(DERTag.constructed(1), in: self).content)
                }
                try name.finish()
            }
            if let reasons = try point.optional(DERTag.context(1), in: self) { _ = try bits(reasons.content) }
            if let issuers = try point.optional(DERTag.constructed(2), in: self) {
                try SubjectName.check(issuers.content, in: self)
            }
            try point.finish()
        }
    }
}
