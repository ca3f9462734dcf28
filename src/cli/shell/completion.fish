# What can follow is said by iamic itself: a word a line, and a tab before what it means, or what fish knows better.
function __iamic_complete
    set -l words (commandline -opc)
    set -l typed
    if test (string replace -r '.*/' '' -- $words[1]) = iamic-login
        set words iamic login $words[2..-1]
    end
    # What fits the word that is typed is chosen by fish itself, which is lenient.
    string match -qr -- '^[-/]' (commandline -ct); and set typed (string replace -r '=.*' '=' -- (commandline -ct))
    for line in (command iamic complete -- $words[2..-1] "$typed" 2>/dev/null)
        switch $line
            case \tfiles
                __fish_complete_path (commandline -ct)
            case \t'command *'
                set words $words[(math (string split ' ' -- $line)[2] + 1)..-1]
                complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
            case '*'
                echo $line
        end
    end
end
complete -c iamic -f -a '(__iamic_complete)'
complete -c iamic-login -f -a '(__iamic_complete)'
