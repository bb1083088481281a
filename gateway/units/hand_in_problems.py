"""The problems of every hand-in, by whichever route it comes. The first is the problem; `facts.problems` lists all."""

from gateway.routing.route import codes

HAND_IN_PROBLEMS = codes(
    "campaign-not-open unit-unknown level-not-eligible type-not-in-rules not-yours entry-approved entry-rejected "
    "entry-withdrawn entry-disqualified window-closed title-missing title-not-one-line title-too-long profile-missing "
    "profile-too-long text-missing text-too-long characters-refused themes-missing theme-unknown theme-repeated "
    "h5-not-https h5-not-public file-repeated too-few-pictures too-many-pictures picture-too-large video-too-large "
    "audio-too-large video-too-long media-not-allowed caption-too-long caption-not-one-line alt-too-long "
    "alt-not-one-line subtitles-too-long subtitles-broken subtitles-without-film ai-part-unknown ai-part-repeated "
    "ai-undeclared consent-missing consent-outdated declaration-missing declaration-outdated upload-unknown "
    "file-lost not-managing"
)
