# What can follow is said by iamic itself: a word a line, and a tab before what it means.
function __iamic_complete
    set -l words (commandline -opc) (commandline -ct)
    if test (string replace -r '.*/' '' -- $words[1]) = iamic-login
        set words iamic login $words[2..-1]
    end
    command iamic complete -- $words[2..-1] 2>/dev/null
end
complete -c iamic -f -a '(__iamic_complete)'
complete -c iamic-login -f -a '(__iamic_complete)'
