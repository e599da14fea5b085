/// The one of `candidates` that `text` was probably meant to be: for «did you mean».
///
/// - Returns: The nearest within a third of its letters, and at most three, by edit distance; nil where none is.
func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
    let near = candidates.map { (candidate: $0, distance: editDistance(text, $0)) }
        .filter { $0.distance <= min(3, max(1, $0.candidate.count / 3)) }
    return near.min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?.candidate
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour to turn one into the other.
func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (i, one) in left.enumerated() {
        var row = [i + 1]
        for (j, other) in right.enumerated() {
            var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (one == other ? 0 : 1))
            if i > 0, j > 0, one == right[j - 1], left[i - 1] == other { best = min(best, beforeLast[j - 1] + 1) }
            row.append(best)
        }
        (beforeLast, last) = (last, row)
    }
    return last[right.count]
}
