# 'iamic use' sets AWS_PROFILE in this shell; all else is the program's.
function iamic --wraps iamic
    if test "$argv[1]" != use
        command iamic $argv
        return
    end
    for word in $argv
        switch $word
            case --
                break
            case --help --version
                command iamic $argv
                return
        end
    end
    set -l statements (command iamic use --shell fish $argv[2..-1])
    or return
    string join \n -- $statements | source
    return 0 # taking away what is not there is no failure
end
