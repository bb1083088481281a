"""WeChat's protocol: what comes from its servers, what is asked of them, and how either side proves itself."""
