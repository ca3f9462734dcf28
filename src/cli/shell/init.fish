# 'iamic use' sets AWS_PROFILE in this shell; all else is the program's.
function iamic --wraps iamic
    if test "$argv[1]" != use; or contains -- --help $argv; or contains -- --version $argv
        command iamic $argv
        return
    end
    set -l statements (command iamic use --shell fish $argv[2..-1])
    or return
    string join \n -- $statements | source
end
