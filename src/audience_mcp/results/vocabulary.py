"""What the o200k_base encoding keeps whole: common words (bare, capitalised, after a space), runs of signs, characters.

The letter pairs of `merges` know which sounds hold together, not which words are frequent; these are the frequent ones.
"""

from __future__ import annotations

_WORDS = """
    of to in is it by on or as at be we an if no so do up us id
    www https http com org net
    ability abort about above absolute abstract accept accepted access accessible according account action
    actions active actual actually add added adding addition additional address addresses adds adjust advanced
    after again against agent aggregate agree agreement algorithm alias align all allocation allow allowed
    allows almost alpha already also alt alternate alternative although always amount analysis analytics and
    anna anonymous another answer any anything api app append application applications apply approved
    architecture archive archives arg args argument arguments around array arrays ask asked assembly assert
    assign assigned assignment associate associated async attach attached attempt attention attribute attributes
    audit auth authenticate authentication author authorization authorized authors auto automatic available
    avoid await away back backend background badge base based basic basis baz because been before begin behavior
    behind being below benchmark better between big bin binary bind binding bit bitmap bits blank blob block
    blocks body bool boolean bootstrap both boundary branch break breaking brief broken browser buffer bug build
    builder building built bundle business but byte bytes cache call callback called calling calls campaign can
    cannot capture cargo carry case cases catch categories category cause certain certificate chain change
    changed changes changing channel channels character characters charge charset check checked checking checks
    child children choice choose chunk cipher claim claims class classes clean cleanup clear cli client clients
    clone close closed cmd code collection collections color column columns com combined command commands
    comment comments commercial commit committee common communication community company compare comparison
    compatible compile compiler complete completion component components compression computer conditions conduct
    config configuration configure connect connected connection connections consider console const constant
    constants construct constructor consult contains content contents context continue contract control
    controlled controller conversion convert converted copies copy corner correct could count country coverage
    covered cpu create created creates creating credential credentials cross crypto curl current currently
    custom customer customers cycle damage data database date day days debug decimal deep def default defaults
    define defined defines definition definitions delete deleted delta depend dependencies dependency depending
    depends deprecated depth derived describe description descriptor design desktop destination destroy detail
    details detect dev developer development device dictionary did die difference different dir direct direction
    directory disable disabled disconnect discussion disk dispatch dispatcher display dist distributed
    distribution doc docs document documentation documents does doing domain don done double down download
    downloads draft drop dry due duplicate during dynamic each early easy editor effect effective effects either
    element elements else email embedded emit empty enable enabled encode encoding end endpoint ends engine
    english ensure entity entries entry env environment equal err error errors escape especially essential eval
    evaluate evaluation even event events ever every everyone everything exact example examples except exception
    exceptions exchange exclusive exec execute execution exercise exist existing exists exit expect expected
    experience experimental explicit export express expression extended extension extensions external extra fail
    failed failure false family fast feature features fetch few field fields file filename files filter filters
    finally finished first fitness fix fixed flag flags flow folder follow following foo for force foreign
    forgot fork form format formats formatter forms forward found foundation framework free friendly friends
    from front full fully function functions future general generate generated generation generator generic get
    gets getting give given giving glob global goal going good goods google got grammar grant graph greater
    group groups guess gui guide had hand handle handler handles handling hard has hash have having head header
    headers heads heap hello help helper helpers high higher highlight history hold holder home homepage hook
    hooks host how however html hub human identifier identify identity ignore image img implement implementation
    import important imports include included includes including inclusive incorrect index individual info
    information init initial initialize initialized inline input inside inspect install installation installed
    instance instances instead instructions integer integration interactive interface interfaces internal
    internet interpret interval into invalid invoke issue issues item items its java javascript job jobs john
    join json just keep keeping kernel key keys keyword keywords kind know known label labels language languages
    large last later latest law layer layout lazy lead leading learn least leave left legacy legal length less
    let letter level levels lib libraries library license licensed like limit limited limits line lines link
    linked links linux list listed listen listener lists little load loaded loading local locale location lock
    log logging logic login look looking looks lookup loop loss lost lower mac machine made mail main maint
    maintenance major make makes making manage managed management manager manifest manual many map mapping march
    mark markdown marks master match matches matching material materials matter max maximum may maybe mean
    meaning means media medium member members memory merge message messages meta metadata method methods metric
    metrics middle minimal minimum minor mirror misc missing mobile mock mode model models modern modified
    modify module modules month more most mostly move msg much multi multipart multiple must name named names
    namespace native necessary need needed needs negative net network never new newsletter next node non none
    normal normalize normally not note notes nothing notice notify now null number numbers numeric obj object
    objects off offer official offline offset often old older once one online only open operation operations
    operator operators optimization option optional options order orders organization organizations origin
    original other others otherwise out output outputs outside over overflow override overview own owner
    ownership pack package packages packed page pages pair paragraph parallel parameter parameters params parent
    parse parsed parser part partial parts party pass passed passing password patch path paths pattern patterns
    payload pending people percent perf perform performance perhaps permission permissions permit person persona
    personal persons phone physical pick piece pieces pipe pipeline place places plain platform please plugin
    plugins point pointer points policy pool port positive possible post potential practice preferred prefix
    prepare prepared present pretty prevent preview previous primary print private probably problem procedure
    process processing produce product production products profile profiles program progress project projects
    promise prompt properties property proposal protect protocol prototype provide provided provider proxy
    public publication publish published pull purpose push put python query question questions queue quick quiet
    quite quote quotes raise random range rather raw read reading reads ready real really reason receive
    received recent recipient recommend recommended record records recursive reduce ref refer reference
    references reflect refresh region registered registry regular reject related relationship relative release
    released remaining remember remote remove removed rename replace replacement repo report reports repository
    represent representation request requested requests require required requirements requires reserved reset
    resolution resolve resource resources respect response responses result results retrieve retry return
    returned returns rev reverse review revision rewrite rich right rights root rows rule rules run runner
    running runs runtime rust safe same sample sandbox save saved saving say scalar schema scheme scope script
    scripts search second secondary seconds secret section sections security see seen segment select selected
    selection self sell send sending sense sent separator sequence serialization series serve server servers
    service services session sessions set sets setting settings setup sha shape share shared shell short should
    show shows side sign signal signals signature signed similar simple since single size skip slash slow small
    smart snapshot socket software some someone something sometimes sort source sources space spaces spawn spec
    special specific speed split stable stack standard start started starting starts startup state statement
    static statistics status step steps still stop storage store str strategy stream streams street strict
    string strings strip struct structure structured structures studio stuff style sub subject submission submit
    submitted subscription success successful such suggest suite summary support supported supports sure switch
    symbol symbols sync syntax system systems table tag tags take taken taking talk target targets task tasks
    tcp team technical technology tell template temporary terminal terms test tests text than thanks that the
    their them then there these they thing things think third this those though thread threads three through
    throw throws thus time timeout times timestamp title todo token tokens too tool tools top topic total trace
    track tracker tracking traditional transaction transactions transfer transform translation transparent
    transport tree trend trigger true trust try trying turn tutorial two txt type typed types typically
    undefined under unexpected unicode unique unix unknown unless unsafe unsupported until update updated
    updates upgrade upload upon ups url usage use used user username users uses using usually utf utils valid
    validate validation validator value values variable variables variant verification verify version versions
    very via view views virtual visible visit visual void want warn warning was way ways web website week
    welcome well were what whatever when where whether which while who whole why wide width wiki will win window
    windows wish with within without word words work worker workers workflow working works workspace world would
    wrap wrapped wrapper write writes writing written wrong xml year years yes yet yield you your zero zip
"""
COMMON = frozenset(_WORDS.split())


_RUNS = r"""
    {{ {} {" }} }[ }] }" }: }, }) }| }. }; [{ [[ [] [" [: [, [' ]{ ]} ][ ]] ]" ]: ], ]( ]) ]. ]; "{ "} "[ "]
    "" ": ", "( ") "| ". "- "/ "\ "_ "< "> "' "# "& "+ "? "$ "; :{ :[ :" :: :, :( :) :. :- := :/ :\ ,{ ,[ ,"
    ,, ,( ,. ,- ,$ ({ ([ (" (( () (' (* (# (& ($ ){ )} )[ )] )" ): ), )( )) ). )- )/ ); |" || |- ." .: ., .(
    .) .. .- ./ .\ ._ .' .* -- -> -" -( -$ =[ =" == => =' =$ /" /, /) /. /* // /> /$ \" \\ _( _) __ <! </ <<
    <= <> >" >( >) >. >< >= >> '" ': ', ') '. '' '; ** */ *( ## #{ && ++ += != !! !" !) ?" ?. ?? ?> ${ $( @"
    @@ ;" ;; {}, }}" }}, }], }", },{ },{" [], ][" ]]] ]], ]", ]}" ]}, ],[ "}} "}, "]] "]: "], "", :{} ":[ ":"
    ":[" ":{" ":[] "," ",[ ",{ ... --- ---- :// /** === ==== ### *** **, "); ")) "), ()); ()). \": \", ([" ("/
    ="/ __(
"""
_LINE_ENDS = '}, ], ", ": ), }} }] },{ "}, "], -- --- ... || ." ). ): "); "), ()'
WHOLE_RUNS = frozenset(_RUNS.split()) | {f"{run}\n" for run in _LINE_ENDS.split()}

_BLOCKS = (
    *((0xA1, 0xDA), (0xDC, 0xFF), (0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9), (0x410, 0x44F)),
    *((0x5D0, 0x5EA), (0x641, 0x64A)),
)
WHOLE_CHARACTERS = frozenset(
    "–—‘’“”„†•…‰›‹€™→←↑↓⇒≈≤≥√∞■□▪▲△▼◆◇○◎●★☆✓✔、。「」『』【】・！（），－．／：；？～"
    "ĀāĂăĄąĆćĈĉČčĐđēĘęěĝĞğġģħĩīįİıķļŁłŃńņňōŐőŒœŘřŚśŝŞşŠšŢţťŨũūŭůűųŵŷŸŹźŻżŽž"
) | {chr(code) for first, last in _BLOCKS for code in range(first, last + 1)}
