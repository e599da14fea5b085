/// strace, before its options.
///
/// What it traces looks for no leaks when it ends: under the address sanitizer it would, and fails where somebody traces it.
public let straceCommand = ["strace", "-E", "LSAN_OPTIONS=detect_leaks=0"]
